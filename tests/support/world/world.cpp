/// The outside world of a company under test, as a process of its own: `steward_world WORKSPACE LEDGER`.
///
/// It collects every mail that appears in the outbox, as a mail server would: ledger line first, synced, then the file goes. It
/// looks at pages and calendar whenever they change. Its ledger is what a test believes; the company's own books are not asked.
///
/// Ledger: one line for each thing seen, tab-separated, the first field says what:
///   mail      ORDER FILE MESSAGE-ID RECIPIENTS DIGEST BYTES       recipients comma-separated, from To and Cc
///   page      ORDER PATH DIGEST                                   again whenever its bytes are others than before
///   gone      ORDER PATH                                          a page, contract or entry that was there before
///   calendar  ORDER DIGEST EVENTS
///   entry     ORDER PATH DIGEST                               of the company's ledger; again whenever its bytes are others than before
///   contract  ORDER PATH DIGEST                               likewise
///
/// Commands, one a line on stdin, each answered with one line on stdout when it is done:
///   deliver NAME FILE   puts the mail that stands in FILE into the inbox
///   look                collects and looks now                    "looked ORDER"
///   end                 looks once more, and leaves
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "runtime/digest.hpp"

namespace fs = std::filesystem;

namespace {

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string lower_case(std::string text) {
  for (char& c : text) c = char(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// The value of a header (`name` in lower case), folded lines joined, or "-".
std::string header_of(const std::string& mail, const std::string& name) {
  const auto head = "\n" + mail.substr(0, std::min(mail.find("\n\n"), mail.find("\r\n\r\n")));
  auto at = lower_case(head).find("\n" + name + ": ");
  if (at == head.npos) return "-";
  at += name.size() + 3;
  std::string value;
  for (; at < head.size(); ++at) {
    if (head[at] == '\n' && (at + 1 == head.size() || (head[at + 1] != ' ' && head[at + 1] != '\t'))) break;
    value += head[at] == '\n' || head[at] == '\r' || head[at] == '\t' ? ' ' : head[at];
  }
  return value;
}

/// The addresses of a header: each word with an @, without what surrounds it.
std::string addresses_in(const std::string& text) {
  std::string all;
  std::string word;
  for (const char c : text + ",") {
    if (std::string_view(" ,;<>\"").find(c) == std::string_view::npos) {
      word += c;
      continue;
    }
    if (word.find('@') != word.npos) all += (all.empty() ? "" : ",") + word;
    word.clear();
  }
  return all;
}

class world {
public:
  world(fs::path workspace, const std::string& ledger) : workspace_(std::move(workspace)), ledger_(::open(ledger.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    for (const auto* folder : {"mail/outbox/tmp", "mail/outbox/new", "mail/outbox/cur", "mail/inbox/tmp", "mail/inbox/new", "mail/inbox/cur", "site", "contracts", "ledger/2026"})
      fs::create_directories(workspace_ / folder);
  }

  /// What a change announces itself by.
  void watch(int notices) const {
    for (const auto& folder : {workspace_ / "mail/outbox/new", workspace_ / "site", workspace_ / "contracts", workspace_ / "ledger/2026", workspace_}) ::inotify_add_watch(notices, folder.c_str(), IN_MOVED_TO | IN_CLOSE_WRITE | IN_CREATE);
  }

  void look() {
    collect_mails();
    look_at(pages_, "site", ".html", "page");
    look_at(contracts_, "contracts", ".md", "contract");
    look_at(entries_, "ledger/2026", ".json", "entry");
    const auto calendar = bytes_of(workspace_ / "calendar.ics");
    if (calendar == calendar_) return;
    calendar_ = calendar;
    int events = 0;
    for (auto at = calendar.find("BEGIN:VEVENT"); at != calendar.npos; at = calendar.find("BEGIN:VEVENT", at + 1)) ++events;
    write_down("calendar", {steward::hex_digest(calendar), std::to_string(events)});
  }

  void deliver(const std::string& name, const std::string& file) const {
    const auto staged = workspace_ / "mail/inbox/tmp" / name;
    fs::copy_file(file, staged, fs::copy_options::overwrite_existing);
    fs::rename(staged, workspace_ / "mail/inbox/new" / name);
  }

  long order() const { return order_; }

private:
  void collect_mails() {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(workspace_ / "mail/outbox/new")) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    for (const auto& path : found) {
      const auto mail = bytes_of(path);
      write_down("mail", {path.filename().string(), header_of(mail, "message-id"), addresses_in(header_of(mail, "to") + "," + header_of(mail, "cc")), steward::hex_digest(mail), std::to_string(mail.size())});
      fs::remove(path);
    }
  }

  /// What is new, changed or gone among the files of a folder.
  void look_at(std::map<std::string, std::string>& before, const std::string& folder, const std::string& ending, const std::string& what) {
    std::map<std::string, std::string> now;
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator(workspace_ / folder, gone))
      if (const auto name = entry.path().filename().string(); name.ends_with(ending) && name != "index.html")
        if (const auto bytes = bytes_of(entry.path()); !bytes.empty()) now[name] = steward::hex_digest(bytes);
    for (const auto& [name, digest] : now)
      if (before[name] != digest) write_down(what, {name, digest});
    for (const auto& [name, _] : before)
      if (!now.contains(name)) write_down("gone", {name});
    before = std::move(now);
  }

  void write_down(const std::string& what, const std::vector<std::string>& fields) {
    std::string line = what + "\t" + std::to_string(++order_);
    for (const auto& field : fields) line += "\t" + field;
    line += "\n";
    if (::write(ledger_, line.data(), line.size()) != ssize_t(line.size()) || ::fsync(ledger_) != 0) {
      std::perror("steward_world: the ledger");
      std::_Exit(1);
    }
  }

  fs::path workspace_;
  int ledger_;
  long order_ = 0;
  std::string calendar_;
  std::map<std::string, std::string> pages_, contracts_, entries_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "usage: steward_world WORKSPACE LEDGER\n", 2;
  world outside(argv[1], argv[2]);
  const int notices = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  outside.watch(notices);
  std::string input;
  for (;;) {
    pollfd waits[] = {{STDIN_FILENO, POLLIN, 0}, {notices, POLLIN, 0}};
    ::poll(waits, 2, -1);
    if (waits[1].revents) {
      char buffer[8192];
      while (::read(notices, buffer, sizeof buffer) > 0) {}
      outside.look();
    }
    if (!waits[0].revents) continue;
    char buffer[4096];
    const auto n = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (n <= 0) return 0;  // whoever started it is gone
    input.append(buffer, std::size_t(n));
    for (auto end = input.find('\n'); end != input.npos; end = input.find('\n')) {
      const auto line = input.substr(0, end);
      input.erase(0, end + 1);
      const auto space = line.find(' '), second = line.find(' ', space + 1);
      const auto verb = line.substr(0, space);
      if (verb == "deliver" && second != line.npos) outside.deliver(line.substr(space + 1, second - space - 1), line.substr(second + 1));
      else outside.look();
      std::cout << (verb == "deliver" ? "delivered " : "looked ") << outside.order() << std::endl;
      if (verb == "end") return 0;
    }
  }
}
