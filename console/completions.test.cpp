#include "console/completions.hpp"

#include "console/commands.hpp"
#include "console/man_page.hpp"
#include "tests/support/catch.hpp"

using namespace steward;

namespace {

bool holds(const std::string& text, const std::string& words) { return text.find(words) != std::string::npos; }
std::string last_word(const std::string& name) { return name.substr(name.rfind(' ') + 1); }

/// As troff writes it: each hyphen escaped.
std::string in_troff(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '-' ? std::string("\\-") : std::string(1, c);
  return out;
}

}  // namespace

TEST_CASE("every command, option and choice is in the completions of each shell and in the man page") {
  const auto all = all_commands();
  const auto man = man_page(all, "1");
  const auto bash = completions_for("bash", all), zsh = completions_for("zsh", all), fish = completions_for("fish", all);
  for (const auto& c : all) {
    CAPTURE(c.name);
    CHECK(holds(bash, "'" + c.name + "') offers="));
    CHECK(holds(zsh, "('" + c.name + "') offers="));
    CHECK(holds(zsh, "'" + last_word(c.name) + ":"));
    CHECK(holds(fish, " -a " + last_word(c.name) + " -d "));
    CHECK(holds(man, ".SS steward " + in_troff(c.name)));
    const auto of_bash = bash.substr(bash.find("'" + c.name + "') offers="));
    const auto of_zsh = zsh.substr(zsh.find("('" + c.name + "') offers="));
    for (const auto& w : c.words) {
      if (w.hidden) continue;
      CAPTURE(w.name);
      CHECK(holds(man, "\\fB" + in_troff(w.name) + "\\fR"));
      for (const auto& choice : w.choices) {
        CHECK(holds(w.is_position() ? of_bash.substr(0, of_bash.find('\n')) : bash.substr(bash.find("'" + c.name + " " + w.name + "') offers=")), choice));
        CHECK(holds(w.is_position() ? of_zsh.substr(0, of_zsh.find(") ;;")) : zsh.substr(zsh.find("('" + c.name + " " + w.name + "') offers=")), choice));
        CHECK(holds(fish, choice));
      }
      if (w.is_position()) continue;
      CHECK(holds(of_bash.substr(0, of_bash.find('\n')), w.name));
      CHECK(holds(of_zsh.substr(0, of_zsh.find(") ;;")), "'" + w.name + ":"));
      CHECK(holds(fish, "__fish_seen_subcommand_from " + last_word(c.name) + "' -l " + w.name.substr(2) + " "));
    }
  }
}

TEST_CASE("options that only tests and the engine use are offered nowhere") {
  const auto all = all_commands();
  for (const auto* shell : {"bash", "zsh", "fish"}) CHECK_FALSE(holds(completions_for(shell, all), "test-clock"));
  CHECK_FALSE(holds(man_page(all, "1"), "test\\-clock"));
}
