#include "console/start_once.hpp"

#include "runtime/random.hpp"

namespace steward {
namespace {

constexpr int engine_is_back_within = 10;  // seconds; 'steward up' starts a fallen engine again within two, unless it falls again and again

}  // namespace

word key_word() { return {"--key", "KEY", "start one run for this key, however often the command is given", word::count::optional, {}, false}; }

result<json> start_once(invocation& s, const arguments& given, boost::json::object order) {
  order["key"] = given.has("--key") ? given.text("--key") : std::to_string(make_system_random()->next());
  auto begun = s.ask(order, access::changes);
  // An engine that died may have started the run before. The key makes asking the next one safe.
  for (int tries = 0; !begun && begun.error().code == "engine_lost" && tries < engine_is_back_within; ++tries) {
    if (tries == 0) s.note("The engine ended before it answered. Asking again as soon as it is back.");
    s.wait(std::chrono::seconds{1});
    if (s.engine_runs()) begun = s.ask(order, access::changes);
  }
  return begun;
}

}  // namespace steward
