#include "console/socket_server.hpp"

#include <atomic>
#include <filesystem>
#include <future>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

#include "console/socket_client.hpp"
#include "tests/support/catch.hpp"

using namespace steward;

namespace {

struct folder {
  std::string path;
  folder() {
    // Deeper than a socket's path may be long.
    path = std::filesystem::temp_directory_path() / ("steward-socket-" + std::to_string(::getpid()) + "-" + std::string(120, 'x'));
    std::filesystem::create_directories(path);
  }
  ~folder() { std::filesystem::remove_all(path); }
};

json echo(const json& what) { return boost::json::object{{"ok", what}}; }

/// A client that is as rude as it likes.
descriptor raw(const std::string& path) {
  auto address = socket_address_in(path).value();
  descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.name), sizeof address.name) == 0);
  return fd;
}

}  // namespace

TEST_CASE("the socket answers each line with a line, in a folder of any depth, for its owner alone") {
  folder f;
  const auto server = socket_server::listen(f.path, echo);
  REQUIRE(server);
  struct stat about {};
  REQUIRE(::stat((f.path + "/steward.sock").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  auto client = socket_client::connect(f.path).value();
  for (int i = 0; i < 3; ++i) CHECK(canonical(client.ask(boost::json::object{{"n", i}}).value()) == "{\"ok\":{\"n\":" + std::to_string(i) + "}}");
}

TEST_CASE("a line that is no JSON, or a command that throws, is answered and the server goes on") {
  folder f;
  const auto server = socket_server::listen(f.path, [](const json& what) -> json {
    if (text_at(what, "do") == "throw") throw std::runtime_error("boom");
    return echo(what);
  });
  REQUIRE(server);
  const auto rude = raw(f.path);
  REQUIRE(::send(rude.get(), "not json\n", 9, 0) == 9);
  char buffer[4096] = {};
  REQUIRE(::recv(rude.get(), buffer, sizeof buffer - 1, 0) > 0);
  CHECK(std::string(buffer).find("\"error\"") != std::string::npos);
  auto client = socket_client::connect(f.path).value();
  CHECK(text_at(client.ask(boost::json::object{{"do", "throw"}}).value(), "error.found") == "a command threw: boom");
  CHECK(client.ask(boost::json::object{}).has_value());
}

TEST_CASE("a client that does not read its answer, dies, or sends no end of line keeps nobody else waiting") {
  folder f;
  const std::string big(1 << 20, 'x');
  const auto server = socket_server::listen(f.path, [&](const json&) { return json(boost::json::object{{"ok", big}}); });
  REQUIRE(server);
  const auto deaf = raw(f.path);
  REQUIRE(::send(deaf.get(), "{}\n{}\n{}\n", 9, 0) == 9);
  const auto endless = raw(f.path);
  REQUIRE(::send(endless.get(), "{\"a\": ", 6, 0) == 6);
  { const auto dying = raw(f.path); REQUIRE(::send(dying.get(), "{}\n", 3, 0) == 3); }
  auto client = socket_client::connect(f.path).value();
  CHECK(client.ask(boost::json::object{}).value().at("ok").as_string().size() == big.size());
}

TEST_CASE("many clients are served at once, and those beyond the limit push out the idle ones") {
  folder f;
  const auto server = socket_server::listen(f.path, echo);
  REQUIRE(server);
  std::vector<socket_client> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(socket_client::connect(f.path).value());
    CHECK(clients.back().ask(boost::json::object{{"n", i}}).has_value());
  }
  CHECK(clients.front().ask(boost::json::object{}).error().code == "engine_lost");
}

TEST_CASE("a server that goes away says what it owes, and its clients hear that it is gone") {
  folder f;
  std::promise<void> begun, go_on;
  auto waits = go_on.get_future().share();
  auto server = socket_server::listen(f.path, [&](const json&) {
                  begun.set_value();
                  waits.wait();
                  return json(boost::json::object{{"ok", "late"}});
                }).value();
  auto client = socket_client::connect(f.path).value();
  auto answered = std::async(std::launch::async, [&] { return client.ask(boost::json::object{}); });
  begun.get_future().wait();
  auto ended = std::async(std::launch::async, [&] { server.reset(); });
  go_on.set_value();
  ended.wait();
  CHECK(answered.get().value().at("ok") == "late");
  CHECK(client.ask(boost::json::object{}).error().code == "engine_lost");
  CHECK(socket_client::connect(f.path).error().code == "engine_not_running");
}

TEST_CASE("a socket that a crash left behind is replaced") {
  folder f;
  auto address = socket_address_in(f.path).value();
  {
    descriptor left(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(left.get(), reinterpret_cast<const sockaddr*>(&address.name), sizeof address.name) == 0);
  }
  CHECK(socket_client::connect(f.path).error().code == "engine_not_running");
  const auto server = socket_server::listen(f.path, echo);
  REQUIRE(server);
  CHECK(socket_client::connect(f.path).has_value());
}
