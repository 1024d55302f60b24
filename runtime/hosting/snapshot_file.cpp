#include "runtime/hosting/snapshot_file.hpp"

#include "runtime/coordination/state_snapshot.hpp"
#include "runtime/described.hpp"
#include "runtime/digest.hpp"
#include "runtime/planted.hpp"

namespace steward {
namespace {

struct snapshot_header {
  int fold = 0;
  std::int64_t seq = 0;
  std::string chain;   // of the journal after that event, in hexadecimal
  std::string digest;  // of the bytes after this line
};
BOOST_DESCRIBE_STRUCT(snapshot_header, (), (fold, seq, chain, digest))

std::string path_in(const std::string& folder) { return folder + "/snapshot"; }

}  // namespace

result<void> write_snapshot(const std::string& folder, disk& files, reader& source, std::int64_t seq, std::string_view bytes) {
  const auto at = source.head_at(seq);
  if (!at) return at.error();
  auto whole = to_json_text(snapshot_header{fold_version, seq, to_hex(at->chain), hex_digest(bytes)});
  whole += '\n';
  whole += bytes;
  return files.write(path_in(folder), whole);
}

std::optional<company_state> read_snapshot(const std::string& folder, disk& files, reader& source, const std::string& zone) {
  if (!files.exists(path_in(folder))) return std::nullopt;
  const auto whole = files.read(path_in(folder));
  if (!whole) return std::nullopt;
  std::string_view left(*whole);
  const auto end = left.find('\n');
  if (end == left.npos) return std::nullopt;
  const auto header = from_json_text<snapshot_header>(left.substr(0, end));
  left.remove_prefix(end + 1);
  if (!header || header->fold != fold_version || (hex_digest(left) != header->digest && !planted(bug::snapshot_trusted))) return std::nullopt;
  const auto at = source.head_at(header->seq);
  if (!at || (to_hex(at->chain) != header->chain && !planted(bug::snapshot_trusted))) return std::nullopt;
  auto state = state_from_snapshot(left);
  if (!state || state->head != header->seq) return std::nullopt;
  state->zone = zone;
  return std::move(*state);
}

}  // namespace steward
