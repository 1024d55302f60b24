/// Lays down the company under test, starts its processes, reads its journal and the world's ledger.
#include "tests/support/world/test_company.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <unistd.h>

#include <fmt/format.h>

namespace fs = std::filesystem;

namespace steward::proof {
namespace {

void put(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

struct person {
  const char *file, *name, *address, *zone;
};
constexpr person people[] = {{"ada-okafor", "Ada Okafor", "ada@okafor.example", "Europe/London"},
                             {"bruno-keller", "Bruno Keller", "bruno@keller.example", "Europe/Zurich"},
                             {"chiyo-tanaka", "Chiyo Tanaka", "chiyo@tanaka.example", "Asia/Tokyo"},
                             {"dan-whitfield", "Dan Whitfield", do_not_contact, "America/New_York"},
                             {"elif-aksoy", "Elif Aksoy", "elif@aksoy.example", "Europe/Istanbul"}};

constexpr auto company_yaml = R"(company: Steward Letters
zone: Europe/Berlin
spend: {{per_run: 1 EUR, per_day: 5 EUR}}
calls: {{per_run: 100, per_day: 1000}}
running: 8
waiting: 100
may_do: {{site.publish: ask, mailbox.send: ask, files.list: act}}
hold: {{public: 0s}}
connectors:
  git: {{repository: {}}}
  files: {{}}
  calendar: {{}}
  site: {{title: Steward Letters, base_url: https://example.org}}
  mailbox: {{from: {{name: Steward Letters, address: letters@example.org}}}}
models: {{summarizing: local, drafting: local, judging: local}}
)";

void git(const std::string& folder, std::vector<std::string> words, const std::string& date = {}) {
  words.insert(words.begin(), {"/usr/bin/env", "git", "-C", folder, "-c", "user.name=Robin", "-c", "user.email=robin@example.org", "-c", "commit.gpgsign=false"});
  std::map<std::string, std::string> environment{{"GIT_CONFIG_GLOBAL", "/dev/null"}, {"GIT_CONFIG_SYSTEM", "/dev/null"}};
  if (!date.empty()) environment.insert({{"GIT_AUTHOR_DATE", date}, {"GIT_COMMITTER_DATE", date}});
  const auto done = run_program(words, environment, folder, std::chrono::seconds{20});
  if (done.end != program_end{}) throw std::runtime_error("git failed: " + done.err);
}

}  // namespace

const std::vector<std::string>& readers() {
  static const std::vector<std::string> all{"ada@okafor.example", "bruno@keller.example", "chiyo@tanaka.example", "elif@aksoy.example"};
  return all;
}

std::string program_under_test() {
  const char* named = std::getenv("STEWARD");
  return named ? named : STEWARD_PROGRAM;
}

time_point company_begins() { return parse_time("2026-11-19T08:00:00Z").value(); }

scratch_folder::scratch_folder() {
  const char* wanted = std::getenv("TMPDIR");
  std::string name = (wanted ? std::string(wanted) : ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") + "/steward-XXXXXX";
  if (!::mkdtemp(name.data())) throw std::runtime_error("no scratch folder: " + name);
  path_ = name;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

void make_model_company(const std::string& folder) {
  const fs::path workspace = folder + "/workspace", repository = folder + "/repository";
  fs::create_directories(repository);
  put(workspace / "company.yaml", fmt::format(company_yaml, repository.string()));
  for (const auto& p : people)
    put(workspace / "contacts" / (std::string(p.file) + ".md"), fmt::format("---\naddress: {}\nzone: {}\ndo_not_contact: {}\n---\n# {}\n", p.address, p.zone, p.address == std::string(do_not_contact), p.name));
  put(workspace / "notes/office-hour.md", "---\ndate: 2026-10-14\n---\n# Half an hour for questions\n\nEvery update comes with half an hour in which we answer replies.\n");
  const auto done = run_program({program_under_test(), "init", workspace.string(), "--no-git", "--quiet"}, {}, folder, std::chrono::seconds{20});
  if (done.end != program_end{}) throw std::runtime_error("steward init failed: " + done.err);

  git(repository, {"init", "--quiet", "--initial-branch=main"});
  const std::pair<const char*, const char*> commits[] = {{"Say what a card costs", "2026-10-12T09:00:00+0000"}, {"Read calendars with zones", "2026-10-13T10:00:00+0000"}, {"Refuse a mail without a reader", "2026-10-15T11:30:00+0000"}};
  for (const auto& [subject, date] : commits) {
    put(repository / "CHANGES", std::string(subject) + "\n");
    git(repository, {"add", "CHANGES"});
    git(repository, {"commit", "--quiet", "--message", std::string(subject) + "\n\nBecause readers asked for it.\n"}, date);
  }
}

void make_onboarding_company(const std::string& folder) {
  const fs::path workspace = folder + "/workspace";
  put(workspace / "company.yaml", text_of_file(STEWARD_EXAMPLES "/client_onboarding/company.yaml"));
  const auto done = run_program({program_under_test(), "init", workspace.string(), "--template", "onboarding", "--no-git", "--quiet"}, {}, folder, std::chrono::seconds{20});
  if (done.end != program_end{}) throw std::runtime_error("steward init failed: " + done.err);
}

std::string new_client() { return text_of_file(STEWARD_EXAMPLES "/client_onboarding/client.json"); }

test_company::test_company(std::string model, std::string folder) : folder_(std::move(folder)) {
  fs::create_directories(folder_);
  fs::copy(model + "/workspace", workspace(), fs::copy_options::recursive);
  move_clock_to(company_begins());
  world_ = std::make_unique<program>(std::vector<std::string>{STEWARD_WORLD, workspace(), folder_ + "/ledger"}, std::map<std::string, std::string>{}, program_files{.err = folder_ + "/world.err", .input = true, .answers = true});
  look();
}

test_company::~test_company() = default;

void test_company::start_engine(const kill_moment& kill, const std::vector<std::string>& options) {
  reader_.reset();
  engine_begins_at_ = engine_said().size();
  fs::remove(folder_ + "/trace");
  std::vector<std::string> words{program_path, "--workspace", workspace(), "up", "--json", "--test-clock", folder_ + "/clock"};
  words.insert(words.end(), options.begin(), options.end());
  std::map<std::string, std::string> environment{{"LD_PRELOAD", STEWARD_KILL_AT}, {"STEWARD_KILL_IN", workspace()}, {"STEWARD_KILL_NOTE", folder_ + "/note"}, {"STEWARD_KILL_AT", kill}, {"STEWARD_KILL_TRACE", trace_calls ? folder_ + "/trace" : ""}};
  // With the address sanitizer another library comes first, and that is meant.
  const char* asan = std::getenv("ASAN_OPTIONS");
  environment["ASAN_OPTIONS"] = (asan ? std::string(asan) + ":" : "") + "verify_asan_link_order=0";
  engine_ = std::make_unique<program>(words, environment, program_files{.out = folder_ + "/engine.out", .err = folder_ + "/engine.err"});
}

bool test_company::engine_is_ready() {
  for (int looks = 0; looks < 20'000; ++looks) {
    if (engine_said().find("\"ready\":true", engine_begins_at_) != std::string::npos) return true;
    if (engine_->ended(std::chrono::milliseconds{3})) return false;
  }
  throw std::runtime_error("the engine was not ready within a minute");
}

std::optional<program_end> test_company::engine_ended(std::chrono::milliseconds at_most) {
  auto end = engine_->ended(at_most);
  if (end) reader_.reset();
  return end;
}

program_end test_company::stop_engine() {
  reader_.reset();
  engine_->signal(SIGTERM);
  const auto end = engine_->ended(std::chrono::seconds{30});
  if (!end) throw std::runtime_error("the engine did not stop within 30 s");
  return *end;
}

std::vector<std::string> test_company::calls() const {
  std::vector<std::string> all;
  std::istringstream lines(text_of_file(folder_ + "/trace"));
  for (std::string line; std::getline(lines, line);) all.push_back(std::move(line));
  return all;
}

std::string test_company::killed_at() const { return text_of_file(folder_ + "/note").c_str(); }

program_result test_company::command(std::vector<std::string> words, std::chrono::milliseconds at_most) const {
  words.insert(words.begin(), {program_path, "--workspace", workspace()});
  return run_program(words, {{"STEWARD_TEST_CLOCK", folder_ + "/clock"}}, folder_, at_most);
}

void test_company::move_clock_to(time_point t) {
  now_ = t;
  put(folder_ + "/clock.new", to_text(t) + "\n");
  fs::rename(folder_ + "/clock.new", folder_ + "/clock");
}

std::vector<told> test_company::news() {
  std::vector<told> all;
  if (!reader_) {
    auto opened = reader::open({.folder = workspace() + "/.steward", .use_index = false, .erased = erased_as::text}, *kinds_);
    if (!opened) {
      if (opened.error().code == "journal_not_found" || opened.error().code == "journal_failed") return all;  // not yet
      throw std::runtime_error(to_sentence(opened.error()));
    }
    reader_ = std::move(*opened);
  }
  event_query query;
  query.from_seq = seen_ + 1;
  query.limit = SIZE_MAX;
  const auto read = reader_->read(query);
  if (!read) throw std::runtime_error(to_sentence(read.error()));
  for (const auto& stored : *read) {
    auto e = typed(stored);
    if (!e) throw std::runtime_error(to_sentence(e.error()));
    all.push_back({std::move(e->first), std::move(e->second)});
    seen_ = stored.seq;
  }
  return all;
}

std::string test_company::broken_chain() const {
  auto opened = reader::open({.folder = workspace() + "/.steward", .use_index = false}, *kinds_);
  if (!opened) return to_sentence(opened.error());
  const auto checked = (*opened)->verify();
  return checked ? std::string{} : to_sentence(checked.error());
}

void test_company::deliver(const std::string& name, const std::string& mail) {
  put(folder_ + "/letter", mail);
  world_->ask("deliver " + name + " " + folder_ + "/letter");
}

std::vector<ledger_line> test_company::ledger(const std::string& what) const {
  std::vector<ledger_line> all;
  std::istringstream lines(text_of_file(folder_ + "/ledger"));
  for (std::string line; std::getline(lines, line);) {
    ledger_line fields;
    std::istringstream parts(line);
    for (std::string field; std::getline(parts, field, '\t');) fields.push_back(field);
    if (what.empty() || fields.front() == what) all.push_back(std::move(fields));
  }
  return all;
}

std::string mail_text(const std::string& from, const std::string& message_id, time_point date, const std::string& subject, const std::string& text, const std::string& in_reply_to) {
  // RFC 5322 wants the day of the week only where one is named; leaving it out is allowed.
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto t = to_text(date);
  const auto day = fmt::format("{} {} {} {} +0000", t.substr(8, 2), months[std::stoi(t.substr(5, 2)) - 1], t.substr(0, 4), t.substr(11, 8));
  return fmt::format("Message-ID: <{}>\nDate: {}\nFrom: {}\nTo: Steward Letters <letters@example.org>\nSubject: {}\n{}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{}\n", message_id, day, from, subject,
                     in_reply_to.empty() ? "" : "In-Reply-To: <" + in_reply_to + ">\nReferences: <" + in_reply_to + ">\n", text);
}

}  // namespace steward::proof
