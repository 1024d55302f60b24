#include "tests/simulation/week.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

#include <fmt/format.h>
#include <unistd.h>

#include "runtime/coordination/state_snapshot.hpp"
#include "runtime/digest.hpp"
#include "runtime/hosting/engine_stage.hpp"
#include "runtime/observation/views.hpp"
#include "tests/simulation/afterwards.hpp"

namespace steward::simulation {
namespace {

using namespace std::chrono_literals;
using object = boost::json::object;
namespace fs = std::filesystem;

constexpr duration operator_looks_every = 3h;
constexpr duration parent_waits = 1s;          // from the end of an engine to the start of the next
constexpr auto lives_at_most = 400;            // a week with more is a restart loop

/// In memory where there is such a place: thousands of small syncs are slow on a disk, and a killed process loses nothing there.
std::string scratch_folder() {
  const fs::path base = fs::is_directory("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
  std::string name = (base / "steward-week-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("no folder for a simulated week");
  return name;
}

/// The machine's disk as long as the engine lives. The journal has its own fault point (world::at_disk).
class mortal_disk final : public disk {
public:
  explicit mortal_disk(const world& outside) : world_(outside), real_(make_system_disk()) {}
  result<std::string> read(const std::string& path) override { return real_->read(path); }
  result<void> write(const std::string& path, std::string_view bytes) override { return alive(path, [&] { return real_->write(path, bytes); }); }
  result<void> create(const std::string& path, std::string_view bytes) override { return alive(path, [&] { return real_->create(path, bytes); }); }
  result<void> link(const std::string& from, const std::string& to) override { return alive(to, [&] { return real_->link(from, to); }); }
  result<void> move(const std::string& from, const std::string& to) override { return alive(to, [&] { return real_->move(from, to); }); }
  result<void> remove(const std::string& path) override { return alive(path, [&] { return real_->remove(path); }); }
  bool exists(const std::string& path) override { return real_->exists(path); }
  std::vector<std::string> list(const std::string& folder) override { return real_->list(folder); }
  bool is_folder(const std::string& path) override { return real_->is_folder(path); }

private:
  template <class Act>
  result<void> alive(const std::string& path, Act act) {
    if (world_.dead) return error{"disk_failed", path, "the engine is dead", "", ""};
    return act();
  }
  const world& world_;
  std::unique_ptr<disk> real_;
};

/// The engine's tree with patience in hours instead of seconds: fewer looks a week, and a handler that hangs is still found.
supervision_tree patient(supervision_tree tree) {
  if (tree.child.hangs_after) tree.child.hangs_after = 1h;
  if (tree.group && tree.group->each && tree.group->each->hangs_after) tree.group->each->hangs_after = tree.group->each->id == "connector" ? duration{10min} : duration{1h};
  for (auto& child : tree.children) child = patient(std::move(child));
  return tree;
}

}  // namespace

company_week::company_week(week_options options, std::unique_ptr<fault_plan> plan, company_manifests manifests)
    : options_(options), stage_(options.seed), world_(stage_, std::move(plan)), manifests_(std::move(manifests)), folder_(scratch_folder()),
      oracle_(world_, folder_ + "/.steward", manifests_), random_(make_seeded_random(options.seed ^ 0x5eed)), spoiler_(make_seeded_random(options.seed ^ 0x5b011)) {
  fs::create_directory(folder_ + "/.steward");
  std::ofstream(folder_ + "/.steward/salt") << "the salt of a simulated company";
  for (auto& [_, role] : manifests_.roles)
    if (role.limits) role.limits->run_for = 1h;
  book_ = std::make_shared<action_book>(std::move(action_book::make({make_world_connector(world_)}).value()));
  if (options_.tell)
    oracle_.tells = [this](const event::header& h, const event::any& e) {
      std::cout << fmt::format("{:>5} {} {:<18} {:<12} {}\n", h.seq, to_text(h.time).substr(5, 14), event::kind_of(e), h.actor, event::body_text(e).substr(0, 220));
    };
  at(operator_looks_every, [this] { look_into_inbox(); });
}

company_week::~company_week() {
  world_.die("the week is over");
  end_life();
  oracle_.forget_files();
  fs::remove_all(folder_);
}

engine_parts company_week::parts_in(const std::string& folder) {
  engine_stage on;
  on.configure = [](caf::actor_system_config& config) { config.set("scheduler.policy", caf::atom("testing")); };
  on.opened = [this](caf::actor_system& system) { stage_.play(&system); };
  on.turn = [this] { return turn(duration::max()); };
  on.drain = [this](caf::actor_system& system) { stage_.drain(system); };
  on.lose_process = [this](const std::string& sentence) { world_.die(sentence); };
  on.random = [this] { return make_seeded_random(random_->next()); };
  on.journal_fault = [this](disk_watch::operation what) { return world_.at_disk(what == disk_watch::operation::flush); };
  on.tree = patient(engine_tree());
  on.polls_every = 10min;
  on.snapshots = options_.snapshots;
  engine_parts parts;
  parts.folder = folder;
  parts.manifests = manifests_;
  parts.connectors = {make_world_connector(world_)};
  parts.models["local"] = make_world_model(world_);
  parts.agents = {player_agent()};
  clock_ = std::make_shared<wall_clock>(world_);
  parts.now = clock_;
  parts.files = std::make_shared<mortal_disk>(world_);
  parts.version = "simulated";
  parts.stage = std::make_shared<const engine_stage>(std::move(on));
  return parts;
}

bool company_week::begin_life() {
  auto& here = current_world();
  here = &world_;
  world_.dead = false;
  world_.last_words.clear();
  look_at_snapshot();
  ++lives_;
  if (lives_ > lives_at_most) throw std::runtime_error("the engine ended again and again: " + world_.last_words);
  auto started = engine::start(parts_in(folder_ + "/.steward"));
  if (started) {
    engine_ = std::move(*started);
    return true;
  }
  stage_.play(nullptr);
  const bool excused = world_.dead || world_.disk_full;
  if (!excused) broken_.push_back("the engine does not start: " + to_sentence(started.error()));
  world_.die(to_sentence(started.error()));
  return false;
}

/// Whether the life that begins will stand on a snapshot, or passes over the one that lies there.
void company_week::look_at_snapshot() {
  const auto folder = folder_ + "/.steward";
  if (!fs::exists(folder + "/snapshot")) return;
  if (options_.spoils_snapshots && spoiler_->next() % 3 == 0) spoil_snapshot();
  const auto source = reader::open({.folder = folder, .use_index = false}, *all_event_kinds());
  if (!source) return;
  ++world_.seen[read_snapshot(folder, *make_system_disk(), **source, manifests_.company.zone) ? "a start from a snapshot" : "a snapshot passed over"];
}

/// In its place: what a company that did nothing would have written. Either the digest gives it away, or only the chain.
void company_week::spoil_snapshot() {
  const auto path = folder_ + "/.steward/snapshot";
  const auto files = make_system_disk();
  const auto whole = files->read(path).value();
  auto header = parse_json(whole.substr(0, whole.find('\n'))).value().as_object();
  company_state idle;
  idle.head = header.at("seq").to_number<std::int64_t>();
  const auto bytes = snapshot_bytes(idle);
  if (spoiler_->next() % 2 == 0) {
    header["digest"] = hex_digest(bytes);
    header["chain"] = hex_digest("another journal");
  }
  files->write(path, canonical(header) + "\n" + bytes).value();
}

/// Starts the engine on another journal, only to see whether it does.
result<void> company_week::start_in(const std::string& folder) {
  world_.dead = false;
  auto started = engine::start(parts_in(folder));
  if (!started) {
    stage_.play(nullptr);
    return started.error();
  }
  engine_ = std::move(*started);
  world_.die("it was only to start");
  end_life();
  return {};
}

void company_week::end_life() {
  if (!engine_) return;
  world_.theatre().wake_hung();
  engine_.reset();
  stage_.play(nullptr);
  oracle_.forget_files();
}

/// One thing happens; what it brought to the disk is looked at, before anything else can happen.
bool company_week::turn(duration until) {
  if (world_.dead) return false;
  if (!world_.calm && world_.plan().dies_now(stage_.steps())) {
    ++world_.seen["sudden death"];
    world_.die("killed between two messages");
    return false;
  }
  const bool moved = stage_.turn(until);
  if (world_.writes() != writes_looked_at_) {
    writes_looked_at_ = world_.writes();
    oracle_.look();
  }
  return moved && !world_.dead;
}

void company_week::play_until(duration until) {
  while (stage_.now() < until && oracle_.broken().empty() && broken_.empty()) {
    if (world_.dead && engine_) {
      if (options_.tell) std::cout << "      " << to_text(world_.wall()).substr(5, 14) << " the engine is gone: " << world_.last_words << "\n";
      ++world_.seen["engine lost"];
      last_words_.push_back(world_.last_words);
      end_life();
      oracle_.look();
      may_start_at_ = std::max(may_start_at_, stage_.now() + parent_waits);
      stage_.at(may_start_at_, [] {});
    }
    if (!engine_ && stage_.now() >= may_start_at_ && !begin_life()) {
      last_words_.push_back(world_.last_words);
      may_start_at_ = stage_.now() + 1min;
      stage_.at(may_start_at_, [] {});
      continue;
    }
    if (engine_ && !to_do_.empty()) {
      const auto what = std::move(to_do_.front());
      to_do_.pop_front();
      what();
      continue;
    }
    if (engine_ ? !turn(until) && !world_.dead : !stage_.turn(until)) break;
  }
}

json company_week::command(const json& what) {
  if (!engine_) return object{{"error", object{{"code", "no_engine"}}}};
  return engine_->command(what);
}

void company_week::order(const std::string& from, const std::string& what) {
  const auto id = fmt::format("order {}", ++orders_);
  world_.deliver({"order_arrived", id, object{{"from", from}, {"what", what}}, label_untrusted, id});
}

void company_week::mail(const std::string& from) {
  const auto id = fmt::format("mail {}", ++mails_);
  world_.deliver({"mail_received", id, object{{"from", from}}, label_untrusted, id});
}

void company_week::start_run(const std::string& workflow, const std::string& text) {
  const auto answer = command(object{{"do", "run"}, {"workflow", workflow}, {"input", object{{"text", text}}}});
  if (options_.tell) std::cout << "      run " << workflow << ": " << canonical(answer) << "\n";
}

void company_week::stop_cleanly() {
  ++world_.seen["stopped cleanly"];
  engine_->stop();
  world_.die("stopped by the operator");
}

void company_week::switch_off(duration how_long) {
  ++world_.seen["machine off"];
  world_.die("the machine was switched off");
  may_start_at_ = stage_.now() + how_long;
  stage_.at(may_start_at_, [] {});
}

// ---- the operator

/// Looks at everything, and at each question decides how to take it. At the end of the week the operator is diligent.
void company_week::look_into_inbox() {
  at(stage_.now() + (world_.calm ? duration{1h} : operator_looks_every), [this] { look_into_inbox(); });
  if (!operator_is_there && !world_.calm) return;
  compare_states();
  const auto inbox = command(object{{"do", "view"}, {"view", "inbox"}});
  const auto* cards = at_path(inbox, "ok");
  if (!cards || !cards->is_array()) return;
  for (const auto& card : cards->get_array()) {
    if (!engine_ || world_.dead) return;
    decide(card);
  }
  if (!world_.calm) return;
  const auto status = command(object{{"do", "view"}, {"view", "status"}});
  if (const auto* paused = at_path(status, "ok.paused"); paused && paused->is_object())
    for (const auto& entry : paused->get_object()) {
      const std::string key(entry.key());
      const auto slash = key.find('/');
      command(object{{"do", "resume"}, {"scope", key.substr(0, slash)}, {"name", slash == key.npos ? "" : key.substr(slash + 1)}});
    }
}

void company_week::decide(const json& card) {
  const auto id = text_at(card, "card"), about = text_at(card, "about"), subject = text_at(card, "subject"), run = text_at(card, "run");
  auto known = known_questions_.find(id);
  if (known == known_questions_.end()) {
    const auto manner = world_.calm ? answer_manner::at_once : world_.plan().at_question(++questions_);
    if (manner != answer_manner::at_once) ++world_.seen[fmt::format("operator {}", to_word(manner))];
    known = known_questions_.emplace(id, std::string(to_word(manner))).first;
  }
  auto manner = world_.calm ? answer_manner::at_once : *from_word<answer_manner>(known->second);
  if (manner == answer_manner::never) return;
  if (manner == answer_manner::late) {
    known->second = "at_once";  // next time
    return;
  }
  if (manner == answer_manner::while_dying) {
    world_.theatre().at(stage_.now(), [this] { world_.die("killed while the operator was speaking"); });
    known->second = "at_once";
  }
  if (about == "approval") {
    if (manner == answer_manner::reject) {
      command(object{{"do", "reject"}, {"approval", subject}, {"reason", "not like this"}});
      return;
    }
    if (manner == answer_manner::modify) {
      known->second = "at_once";
      if (const auto* effects = at_path(card, "approval.effects"); effects && effects->is_array() && !effects->get_array().empty())
        command(object{{"do", "modify"}, {"approval", subject}, {"effect", text_at(effects->get_array().front(), "effect")}, {"changes", object{{"text", "in other words"}}}});
      return;
    }
    const json yes = object{{"do", "approve"}, {"approval", subject}};
    const auto first = command(yes);
    if (manner == answer_manner::twice) {
      const auto second = command(yes);
      if (at_path(first, "ok") && at_path(second, "ok")) broken_.push_back(subject + " could be approved twice");
    }
    return;
  }
  if (about == "question") {
    command(object{{"do", "answer"}, {"card", id}, {"answer", manner == answer_manner::reject ? "no" : "yes"}});
  } else if (about == "effect_in_doubt") {
    // The operator looks it up where the engine can't: at the bank, on the telephone.
    const auto e = oracle_.folded().effects.find(subject);
    const bool happened = e != oracle_.folded().effects.end() && world_.happened(e->second.said.prepared.key);
    command(object{{"do", "answer"}, {"card", id}, {"answer", happened ? "happened" : manner == answer_manner::reject ? "leave" : "repeat"}});
  } else if (about == "role_stopped") {
    command(object{{"do", "resume"}, {"scope", "role"}, {"name", subject.substr(subject.find('/') + 1)}});
  } else if (about == "event_parked") {
    command(object{{"do", "stop"}, {"run", run}});
  } else if (about == "autonomy") {
    command(object{{"do", "answer"}, {"card", id}, {"answer", manner == answer_manner::reject ? "leave" : "grant"}});
  } else if (about == "autonomy_fell" || about == "trial_ended" || about == "some_missed" || about == "could_not_start" || about == "breaker" || about == "run_failed" || about == "sla_warned" || about == "sla_escalated") {
    command(object{{"do", "answer"}, {"card", id}, {"answer", "seen"}});
  } else if (manner == answer_manner::reject) {
    command(object{{"do", "stop"}, {"run", run}});
  } else {
    command(object{{"do", "retry"}, {"what", run}});
  }
}

/// What the live engine says of itself must be what anybody reads out of its journal.
void company_week::compare_states() {
  for (const auto* name : {"runs", "inbox", "cost"}) {
    const json asked = object{{"do", "view"}, {"view", name}, {"all", true}};
    const auto now = clock_->now();
    const auto before = oracle_.events();
    const auto live = command(asked);
    const auto* said = at_path(live, "ok");
    oracle_.look();
    if (!said || oracle_.events() != before || clock_->now() != now) continue;  // something came between
    const auto folded = view(oracle_.folded(), manifests_, *book_, asked, std::max(now, oracle_.folded().now));
    if (folded && canonical(*folded) == canonical(*said)) ++world_.seen["states compared"];
    else if (folded) broken_.push_back(fmt::format("the live {} are not those in the journal: {} against {}", name, canonical(*said), canonical(*folded)));
  }
}

// ---- an ordinary week

void company_week::strangers_and_habits(std::uint64_t seed) {
  const std::shared_ptr<random_source> random = make_seeded_random(seed ^ 0x0dd5);
  const auto some_time = [&] { return duration{std::int64_t(random->fraction() * double(options_.lasts.count()))}; };
  const auto orders = 3 + random->next() % 4;
  for (std::uint64_t i = 0; i < orders; ++i) {
    const auto from = fmt::format("customer{}@example.com", i);
    const auto when = some_time();
    at(when, [this, from, i] { order(from, fmt::format("article {}", i)); });
    if (random->next() % 2 == 0) at(when + duration{std::int64_t(random->fraction() * 86'400e6)}, [this, from] { mail(from); });
  }
  const auto chores = 1 + random->next() % 3;
  for (std::uint64_t i = 0; i < chores; ++i) at(some_time(), [this, i] { start_run("chores", fmt::format("chore {}", i)); });
  if (random->next() % 3 == 0) at(some_time(), [this] { start_run("poison", "poison"); });
  if (random->next() % 2 == 0) {
    const bool company = random->next() % 2 == 0;
    const json scope = company ? object{{"scope", "company"}, {"name", ""}} : object{{"scope", "role"}, {"name", "clerk"}};
    const auto verb = [this, scope](const char* what) {
      auto words = scope.as_object();
      words["do"] = what;
      words["reason"] = "holiday";
      command(words);
    };
    const auto when = some_time();
    at(when, [verb] { verb("pause"); });
    at(when + duration{std::int64_t(random->fraction() * 172'800e6)}, [verb] { verb("resume"); });
  }
  if (random->next() % 3 == 0) {
    const auto by = duration{std::int64_t((random->fraction() - 0.3) * 86'400e6)};
    stage_.at(some_time(), [this, by] {
      world_.jump_clock(by);
      ++world_.seen[by.count() < 0 ? "clock set back" : "clock set forward"];
    });
  }
  if (random->next() % 3 == 0) {
    const auto when = some_time();
    stage_.at(when, [this] { world_.network = false; ++world_.seen["network away"]; });
    stage_.at(when + duration{std::int64_t(random->fraction() * 86'400e6)}, [this] { world_.network = true; });
  }
  if (random->next() % 4 == 0) at(some_time(), [this] { switch_off(26h); });
  if (random->next() % 4 == 0) at(some_time(), [this] { stop_cleanly(); });
  stage_.at(some_time(), [this] { stage_.wake_hung(); });
  if (random->next() % 4 == 0) {
    const auto lasts = duration{std::int64_t(random->fraction() * 86'400e6)};
    at(some_time(), [this, lasts] {
      if (oracle_.folded().runs.empty()) return;
      const auto verb = [this, run = oracle_.folded().runs.begin()->first](const char* what) { command(object{{"do", what}, {"scope", "run"}, {"name", run}, {"reason", "let me think"}}); };
      verb("pause");
      at(stage_.now() + lasts, [verb] { verb("resume"); });
    });
  }
  if (random->next() % 10 == 0)  // more than there is money for
    at(some_time(), [this] {
      for (int i = 0; i < calls_per_day + 4; ++i) order(fmt::format("reader{}@example.com", i), fmt::format("book {}", i));
    });
}

week_result company_week::play() {
  try {
    play_until(options_.lasts);
    if (options_.quiet.count() > 0) {
      world_.calm = world_.network = true;
      world_.disk_full = false;
      may_start_at_ = std::min(may_start_at_, stage_.now());
      stage_.wake_hung();
      at(stage_.now(), [this] { look_into_inbox(); });
      play_until(options_.lasts + options_.quiet);
    }
    oracle_.look();
    if (oracle_.broken().empty() && broken_.empty()) {
      if (options_.quiet.count() > 0) oracle_.judge_the_end(world_.wall() - 24h);
      oracle_.judge_the_chain();
    }
    if (options_.looks_back && oracle_.broken().empty() && broken_.empty()) {
      world_.die("the week is over");
      end_life();
      oracle_.forget_files();
      broken_ = look_back({folder_, manifests_, world_.seen, [this](const std::string& folder) { return start_in(folder); }}, *random_);
    }
  } catch (const std::exception& e) {
    broken_.push_back(fmt::format("the simulation was thrown out of its course: {}", e.what()));
  }
  week_result r;
  r.broken = oracle_.broken();
  r.broken.insert(r.broken.end(), broken_.begin(), broken_.end());
  r.trace = oracle_.trace();
  r.seen = world_.seen;
  r.last_words = last_words_;
  for (const auto* kind : {"breaker_changed", "turn_retried", "step_failed", "effect_dropped", "memory_added", "role_answered", "woke", "item_finished"})
    if (const auto n = oracle_.count(kind)) r.seen[kind] = n;
  r.events = oracle_.events();
  r.lives = lives_;
  r.steps = stage_.steps();
  return r;
}

week_result play_week(week_options options) {
  const auto habits = make_seeded_random(options.seed ^ 0x4ab175);
  auto manifests = simulated_company();
  if (habits->next() % 2 == 0) {  // A week is too short for a snapshot as the shipped engine makes them.
    options.snapshots = {40, 0, 10};
    options.spoils_snapshots = true;
  }
  if (habits->next() % 3 == 0) manifests.company.hold->money = 2h;
  options.looks_back = options.seed % 10 == 1;
  company_week week(options, make_seeded_plan(options.seed), std::move(manifests));
  week.strangers_and_habits(options.seed);
  return week.play();
}

}  // namespace steward::simulation
