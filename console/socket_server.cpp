#include "console/socket_server.hpp"

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console/socket_address.hpp"
#include "runtime/hosting/desk.hpp"

namespace steward {
namespace {

constexpr std::size_t clients_max = 64;       // One operator has a few terminals and a script or two; beyond it somebody leaks.
constexpr std::size_t line_max = 4u << 20;    // A page of 500 kB as JSON fits with room; more is a mistake or an attack.

}  // namespace

struct socket_server::implementation {
  struct client {
    std::int64_t id = 0;
    descriptor fd;
    std::string in, out;
    bool busy = false;    // its command is under way; its next line waits, so that a client can't pile up work or answers
    bool leaving = false; // to be closed once `out` is empty
  };
  struct task {
    std::int64_t client = 0;
    std::string line;
  };

  descriptor listener, wake;
  std::string path;
  handler answer;
  std::list<client> clients;  // only the poll thread touches it
  std::int64_t next_id = 1;

  std::mutex mutex;
  std::condition_variable something_to_do;
  std::deque<task> todo, done;
  bool ending = false;

  std::thread poller, worker;

  void rouse() {
    const std::uint64_t one = 1;
    (void)!::write(wake.get(), &one, sizeof one);
  }

  void work() {
    for (;;) {
      task next;
      {
        std::unique_lock lock(mutex);
        something_to_do.wait(lock, [&] { return ending || !todo.empty(); });
        if (todo.empty()) return;
        next = std::move(todo.front());
        todo.pop_front();
      }
      std::string reply;
      try {
        const auto asked = parse_json(next.line);
        reply = canonical(asked ? answer(*asked) : error_reply(asked.error()));
      } catch (const std::exception& e) {
        reply = canonical(error_reply({"internal_fault", "the engine", std::string("a command threw: ") + e.what(), "", "Please report it"}));
      }
      {
        const std::lock_guard lock(mutex);
        done.push_back({next.client, std::move(reply) + "\n"});
      }
      rouse();
    }
  }

  /// Gives the client's next whole line to the worker.
  void take_line(client& c) {
    if (c.busy || c.leaving) return;
    const auto end = c.in.find('\n');
    if (end == std::string::npos) {
      if (c.in.size() > line_max) {
        c.out += canonical(error_reply({"bad_usage", "the socket", "a line of more than 4 MB", "one command of JSON per line", ""})) + "\n";
        c.in.clear();
        c.leaving = true;
      }
      return;
    }
    task t{c.id, c.in.substr(0, end)};
    c.in.erase(0, end + 1);
    c.busy = true;
    {
      const std::lock_guard lock(mutex);
      todo.push_back(std::move(t));
    }
    something_to_do.notify_one();
  }

  /// False when the client is gone.
  bool read_from(client& c) {
    char buffer[64 << 10];
    for (;;) {
      const auto n = ::recv(c.fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
      if (n > 0) {
        c.in.append(buffer, std::size_t(n));
        if (c.in.size() > line_max + sizeof buffer) break;
        continue;
      }
      if (n == 0) {
        // It may still read what it asked for: the end of its sending is not the end of its listening.
        if (!c.busy && c.in.find('\n') == std::string::npos && c.out.empty()) return false;
        c.leaving = !c.busy && c.in.find('\n') == std::string::npos;
        break;
      }
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      return false;
    }
    take_line(c);
    return true;
  }

  bool write_to(client& c) {
    while (!c.out.empty()) {
      const auto n = ::send(c.fd.get(), c.out.data(), c.out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n > 0) c.out.erase(0, std::size_t(n));
      else if (errno == EINTR) continue;
      else if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
      else return false;
    }
    return !c.leaving;
  }

  void admit() {
    for (;;) {
      descriptor fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (!fd) return;
      ucred who{};
      socklen_t size = sizeof who;
      if (::getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 || (who.uid != ::geteuid() && who.uid != 0)) continue;
      if (clients.size() >= clients_max) {
        // Whoever has been silent longest makes room; the one that works is never cut off.
        const auto idle = std::find_if(clients.begin(), clients.end(), [](const client& c) { return !c.busy && c.out.empty(); });
        if (idle == clients.end()) continue;
        clients.erase(idle);
      }
      auto& c = clients.emplace_back();
      c.id = next_id++;
      c.fd = std::move(fd);
    }
  }

  void deliver() {
    std::deque<task> ready;
    {
      const std::lock_guard lock(mutex);
      ready.swap(done);
    }
    for (auto& t : ready)
      for (auto it = clients.begin(); it != clients.end(); ++it) {
        if (it->id != t.client) continue;
        it->busy = false;
        it->out += t.line;
        if (write_to(*it)) take_line(*it);
        else clients.erase(it);
        break;
      }
  }

  void serve() {
    std::vector<pollfd> watched;
    std::vector<std::list<client>::iterator> who;
    for (;;) {
      watched.clear();
      who.clear();
      watched.push_back({wake.get(), POLLIN, 0});
      watched.push_back({listener.get(), POLLIN, 0});
      for (auto it = clients.begin(); it != clients.end(); ++it) {
        short events = 0;
        if (!it->busy && !it->leaving) events |= POLLIN;
        if (!it->out.empty()) events |= POLLOUT;
        watched.push_back({it->fd.get(), events, 0});
        who.push_back(it);
      }
      if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
      if (watched[0].revents) {
        std::uint64_t count = 0;
        (void)!::read(wake.get(), &count, sizeof count);
      }
      for (std::size_t i = 0; i < who.size(); ++i) {
        const auto seen = watched[i + 2].revents;
        bool stays = true;
        if (seen & POLLOUT) stays = write_to(*who[i]);
        if (stays && (seen & POLLIN)) stays = read_from(*who[i]) && (!who[i]->leaving || !who[i]->out.empty());
        else if (stays && (seen & (POLLHUP | POLLERR | POLLNVAL))) stays = false;
        if (!stays) clients.erase(who[i]);
      }
      deliver();
      if (watched[1].revents) admit();
      bool over = false;
      {
        const std::lock_guard lock(mutex);
        over = ending && done.empty() && todo.empty();
      }
      if (over && std::none_of(clients.begin(), clients.end(), [](const client& c) { return c.busy; })) return;
    }
  }
};

result<std::unique_ptr<socket_server>> socket_server::listen(const std::string& folder, handler answer) {
  auto it = std::make_unique<implementation>();
  auto address = socket_address_in(folder);
  if (!address) return address.error();
  it->path = folder + "/" + socket_name;
  ::unlink(it->path.c_str());
  const auto failed = [&](const char* what) { return error{"disk_failed", it->path, std::string("the socket can't be ") + what + ": " + system_sentence(), "", ""}; };
  it->listener = descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  it->wake = descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!it->listener || !it->wake) return failed("made");
  ::fchmod(it->listener.get(), 0600);  // before it has a name, so that nobody else ever finds it open
  if (::bind(it->listener.get(), reinterpret_cast<const sockaddr*>(&address->name), sizeof address->name) != 0) return failed("named");
  ::chmod(it->path.c_str(), 0600);
  if (::listen(it->listener.get(), 16) != 0) return failed("listened on");
  it->answer = std::move(answer);
  auto* raw = it.get();
  it->worker = std::thread([raw] { raw->work(); });
  it->poller = std::thread([raw] { raw->serve(); });
  return std::unique_ptr<socket_server>(new socket_server(std::move(it)));
}

socket_server::socket_server(std::unique_ptr<implementation> it) : it_(std::move(it)) {}

socket_server::~socket_server() {
  {
    const std::lock_guard lock(it_->mutex);
    it_->ending = true;
  }
  it_->something_to_do.notify_all();
  it_->rouse();
  it_->worker.join();
  it_->rouse();
  it_->poller.join();
  ::unlink(it_->path.c_str());
}

}  // namespace steward
