#include "runtime/journal/lock.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "runtime/journal/journal_test.hpp"

using namespace steward;

TEST_CASE("process_lock lets one process in and names it to the next") {
  journal_folder folder;
  const auto path = folder.file("lock");
  CHECK(process_lock::holder(path) == 0);
  {
    const auto held = process_lock::take(path);
    REQUIRE(held);
    CHECK(process_lock::holder(path) == ::getpid());
    const auto second = process_lock::take(path);
    REQUIRE(!second);
    CHECK(second.error().code == "already_running");
    CHECK(second.error().found == "process " + std::to_string(::getpid()) + " is at work in this workspace");
  }
  CHECK(process_lock::holder(path) == 0);
  CHECK(process_lock::take(path));
}

TEST_CASE("process_lock is free again when its holder was killed") {
  journal_folder folder;
  const auto path = folder.file("lock");
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const auto child = ::fork();
  if (child == 0) {
    const auto held = process_lock::take(path);
    const char said = held ? 'y' : 'n';
    (void)!::write(ready[1], &said, 1);
    for (;;) ::pause();
  }
  char said = 0;
  REQUIRE(::read(ready[0], &said, 1) == 1);
  CHECK(said == 'y');
  CHECK(process_lock::holder(path) == child);
  CHECK(process_lock::take(path).error().code == "already_running");
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(process_lock::take(path));
  ::close(ready[0]);
  ::close(ready[1]);
}
