#include "runtime/intent.hpp"

namespace steward {
namespace {

template <class T> constexpr std::string_view name_of = "";
template <> constexpr std::string_view name_of<recall> = "recall";
template <> constexpr std::string_view name_of<remember> = "remember";
template <> constexpr std::string_view name_of<look_up> = "look_up";
template <> constexpr std::string_view name_of<ask_model> = "ask_model";
template <> constexpr std::string_view name_of<propose_effect> = "propose_effect";
template <> constexpr std::string_view name_of<ask_role> = "ask_role";
template <> constexpr std::string_view name_of<ask_operator> = "ask_operator";
template <> constexpr std::string_view name_of<wake_at> = "wake_at";
template <> constexpr std::string_view name_of<finish> = "finish";
template <> constexpr std::string_view name_of<give_up> = "give_up";

}  // namespace

std::string_view kind_of(const intent& i) {
  return std::visit([](const auto& x) { return name_of<std::remove_cvref_t<decltype(x)>>; }, i);
}

json to_json_value(const intent& i) {
  json value = std::visit([](const auto& x) { return to_json(x); }, i);
  value.as_object()["kind"] = kind_of(i);
  return value;
}

std::string to_json_text(const intent& i) {
  std::string text;
  std::visit([&](const auto& x) { append_members(text, x, "kind", name_of<std::remove_cvref_t<decltype(x)>>); }, i);
  return text;
}

result<intent> intent_from_json(const json& value) {
  const std::string kind = text_at(value, "kind");
  result<intent> found = error{"unknown_intent", "kind", "found '" + kind + "'", "one of the ten intents", ""};
  boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, intent>>([&](auto type) {
    using wish = typename decltype(type)::type;
    if (kind != name_of<wish>) return;
    json fields = value;
    fields.as_object().erase("kind");
    auto read = from_json<wish>(fields);
    if (read) found = intent{std::move(*read)};
    else found = read.error();
  });
  return found;
}

}  // namespace steward
