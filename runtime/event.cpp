#include "runtime/event.hpp"

#include <unordered_map>

#include "runtime/sparse_json.hpp"

namespace steward::event {
namespace {

using reader = result<any> (*)(std::string_view);

template <class Event>
result<any> read_as(std::string_view body) {
  auto e = from_sparse_text<Event>(body);
  if (!e) return e.error();
  return any{std::move(*e)};
}

const std::unordered_map<std::string_view, reader>& readers() {
  static const auto table = [] {
    std::unordered_map<std::string_view, reader> all;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, any>>([&](auto type) {
      using event_type = typename decltype(type)::type;
      all.emplace(event_type::kind, &read_as<event_type>);
    });
    return all;
  }();
  return table;
}

}  // namespace

std::string_view kind_of(const any& e) {
  return std::visit([](const auto& x) { return std::string_view(std::remove_cvref_t<decltype(x)>::kind); }, e);
}

std::string body_text(const any& e) {
  std::string text;
  text.reserve(384);  // most bodies fit, and don't move while they grow
  std::visit([&](const auto& x) { append_sparse(text, x); }, e);
  return text;
}

result<any> read(std::string_view kind, std::string_view body) {
  const auto found = readers().find(kind);
  if (found == readers().end())
    return error{"unknown_event_kind", "", "the journal holds an event of kind '" + std::string(kind) + "', which this version does not know", "",
                 "Use the version of Steward that wrote it, or a newer one"};
  auto e = found->second(body);
  if (!e) {
    auto why = e.error();
    why.where = std::string(kind) + (why.where.empty() ? "" : "." + why.where);
    return why;
  }
  return e;
}

const std::vector<std::string>& kinds() {
  static const auto names = [] {
    std::vector<std::string> all;
    for (const auto& [kind, _] : readers()) all.emplace_back(kind);
    std::sort(all.begin(), all.end());
    return all;
  }();
  return names;
}

}  // namespace steward::event
