#include "connectors/conformance_disk.hpp"

namespace steward {
namespace {
error cut_off(const std::string& path) { return {"disk_failed", path, "the disk was cut off by the test", "", ""}; }
const std::function<void()> nothing = [] {};
}  // namespace

template <class Answer>
Answer conformance_disk::operate(const std::string& path, const std::function<Answer()>& act, const std::function<void()>& half, const Answer& failure) {
  touched_.push_back(path);
  const int now = count_++;
  const bool here = now == at_;
  if ((here && how_ == cut_kind::fails_once) || (now >= at_ && how_ == cut_kind::fails_for_good)) return failure;
  if (here && how_ == cut_kind::killed_before) throw process_killed{};
  if (here && how_ == cut_kind::killed_halfway) {
    half();
    if (outsider_) outsider_();
    throw process_killed{};
  }
  Answer answer = act();
  if (outsider_) outsider_();
  if (here && how_ == cut_kind::killed_after) throw process_killed{};
  if (here && how_ == cut_kind::reports_failure) return failure;
  return answer;
}

result<std::string> conformance_disk::read(const std::string& path) {
  return operate<result<std::string>>(path, [&] { return under_.read(path); }, nothing, cut_off(path));
}
result<std::uint64_t> conformance_disk::size(const std::string& path) {
  return operate<result<std::uint64_t>>(path, [&] { return under_.size(path); }, nothing, cut_off(path));
}
result<void> conformance_disk::write(const std::string& path, std::string_view bytes) {
  // Half of an atomic write is a torn file under another name.
  return operate<result<void>>(path, [&] { return under_.write(path, bytes); }, [&] { (void)under_.create(path + ".tmp-0", bytes.substr(0, bytes.size() / 2)); }, cut_off(path));
}
result<void> conformance_disk::create(const std::string& path, std::string_view bytes) {
  return operate<result<void>>(path, [&] { return under_.create(path, bytes); }, [&] { (void)under_.create(path, bytes.substr(0, bytes.size() / 2)); }, cut_off(path));
}
result<void> conformance_disk::link(const std::string& from, const std::string& to) {
  touched_.push_back(from);
  return operate<result<void>>(to, [&] { return under_.link(from, to); }, nothing, cut_off(to));
}
result<void> conformance_disk::move(const std::string& from, const std::string& to) {
  touched_.push_back(from);
  return operate<result<void>>(to, [&] { return under_.move(from, to); }, nothing, cut_off(to));
}
result<void> conformance_disk::remove(const std::string& path) {
  return operate<result<void>>(path, [&] { return under_.remove(path); }, nothing, cut_off(path));
}
bool conformance_disk::exists(const std::string& path) {
  return operate<bool>(path, [&] { return under_.exists(path); }, nothing, false);
}
std::vector<std::string> conformance_disk::list(const std::string& folder) {
  return operate<std::vector<std::string>>(folder, [&] { return under_.list(folder); }, nothing, {});
}
bool conformance_disk::is_folder(const std::string& path) {
  return operate<bool>(path, [&] { return under_.is_folder(path); }, nothing, false);
}

}  // namespace steward
