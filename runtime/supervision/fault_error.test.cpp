#include "runtime/supervision/fault_error.hpp"

#include <caf/all.hpp>

#include "runtime/supervision/actor_state.hpp"
#include "tests/support/catch.hpp"

using namespace steward;

namespace {

struct trap {
  bool ready = false;
};
struct sound {
  sound() = default;
  bool ready = false;
};
static_assert(!actor_state<trap> && actor_state<sound>, "an aggregate is no state of an actor");

// CAF's spawn of a function without arguments dereferences a null pointer, which the dev preset's assertions refuse: hence `code`.
caf::behavior fragile(caf::event_based_actor* self, const std::string& code) {
  keep_sentences(self);
  return {[](const std::string& sentence) -> caf::result<int> { throw std::runtime_error(sentence); },
          [=](int) -> caf::result<int> { throw fault_thrown({fault_kind::logic, code, "The role may not send."}); }};
}

}  // namespace

TEST_CASE("fault keeps its kind, code and sentence on the way through CAF") {
  const auto kind = GENERATE(fault_kind::process, fault_kind::provider, fault_kind::logic, fault_kind::data);
  const fault f{kind, "some_code", "It broke, \"quoted\" and with ümlaut."};
  CHECK(fault_of(to_caf_error(f)) == f);
  CHECK(sentence_of(to_caf_error(f)) == f.sentence);
}

TEST_CASE("fault of CAF's own errors is told in words") {
  CHECK(sentence_of(caf::exit_reason::kill) == "It was killed.");
  CHECK(sentence_of(caf::sec::runtime_error) == "It ended on an exception whose text was lost.");
  CHECK(sentence_of(caf::error{}) == "It ended by itself.");
  CHECK(sentence_of(caf::sec::request_timeout) == "It waited for an answer that did not come in time.");
  CHECK(fault_of(caf::sec::bad_function_call).code == "child_crashed");
}

TEST_CASE("exit reason tells work that is done from crashes and from what a restart can't help") {
  CHECK(ending_of(caf::error{}) == ending::normal);
  CHECK(ending_of(caf::exit_reason::normal) == ending::normal);
  CHECK(ending_of(caf::exit_reason::user_shutdown) == ending::shutdown);
  CHECK(ending_of(caf::exit_reason::kill) == ending::crash);
  CHECK(ending_of(caf::sec::runtime_error) == ending::crash);
  CHECK(ending_of(to_caf_error(fault{fault_kind::process, "x", "y"})) == ending::crash);
  CHECK(ending_of(to_caf_error(fault{fault_kind::provider, "x", "y"})) == ending::crash);
  CHECK(ending_of(to_caf_error(fault{fault_kind::logic, "x", "y"})) == ending::beyond_repair);
  CHECK(ending_of(to_caf_error(fault{fault_kind::data, "x", "y"})) == ending::beyond_repair);
}

TEST_CASE("exception of every sort becomes a fault with its sentence") {
  const auto caught = [](auto thrown) { return fault_of(std::make_exception_ptr(thrown), "child_crashed"); };
  CHECK(caught(std::runtime_error("The plug is out.")) == fault{fault_kind::process, "child_crashed", "The plug is out."});
  CHECK(caught(error_thrown({"bad_zone", "company.yaml", "found 'Mars'"})) == fault{fault_kind::process, "bad_zone", "company.yaml: found 'Mars'."});
  CHECK(caught(fault_thrown({fault_kind::data, "broken_chain", "Event 7 was changed."})) == fault{fault_kind::data, "broken_chain", "Event 7 was changed."});
  CHECK(caught(42).sentence == "An exception without words was thrown.");
}

TEST_CASE("actor that throws tells its sentence to the one who asked and to the one who watches") {
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  const auto ask = [&](auto question) {
    auto actor = system.spawn(fragile, std::string("role_not_permitted"));
    self->monitor(actor);
    fault answered, watched;
    self->request(actor, std::chrono::seconds(10), question).receive([](int) {}, [&](caf::error& e) { answered = fault_of(e); });
    self->receive([&](caf::down_msg& d) { watched = fault_of(d.reason); });
    CHECK(answered == watched);
    return watched;
  };
  CHECK(ask(std::string("The mailbox is full.")) == fault{fault_kind::process, "child_crashed", "The mailbox is full."});
  CHECK(ask(1) == fault{fault_kind::logic, "role_not_permitted", "The role may not send."});
}
