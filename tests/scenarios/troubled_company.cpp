/// The program `steward` with one more agent: it throws, hangs, or floods, as its step's input says. For scenarios.
#include <atomic>

#include "actors/catalog.hpp"
#include "connectors/catalog.hpp"
#include "console/console.hpp"
#include "policies/catalog.hpp"

namespace steward {
namespace {

struct wish {
  std::string what;  // throw | hang | questions | memories | behave
};
BOOST_DESCRIBE_STRUCT(wish, (), (what))

struct nothing {
  std::int64_t seen = 0;
};
BOOST_DESCRIBE_STRUCT(nothing, (), (seen))

constexpr int flood = 10'000;  // things in one turn
std::atomic<bool> never{false};

class trouble {
public:
  static constexpr auto name = "trouble";
  static constexpr int version = 1;
  using takes = wish;
  using gives = wish;
  using handles = events<step_started<wish>, memory_recalled>;
  using state = nothing;

  intents on(state&, const step_started<wish>& step) const {
    const auto& what = step.input.what;
    if (what == "throw") throw std::runtime_error("the price list has no row for bookshops");
    if (what == "hang") never.wait(false);
    intents all;
    for (int i = 0; i < flood && what == "questions"; ++i) all.push_back(recall{.scope = "company", .about = "question " + std::to_string(i), .limit = 1, .tag = std::to_string(i)});
    for (int i = 1; i < flood && what == "memories"; ++i) all.push_back(remember{.scope = "company", .about = "flood", .text = "memory " + std::to_string(i)});
    if (what != "questions") all.push_back(finish{step.input});
    return all;
  }
  intents on(state&, const memory_recalled&) const { return {}; }
};

}  // namespace
}  // namespace steward

int main(int argc, char** argv) {
  using namespace steward;
  auto known = agents();
  known.push_back(host<trouble>());
  return run_console(argc, argv, {known, connectors(), policies(), models()});
}
