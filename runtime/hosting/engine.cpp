#include "runtime/hosting/engine.hpp"

#include <condition_variable>
#include <mutex>

#include "runtime/coordination/state_snapshot.hpp"
#include "runtime/hosting/actor_settings.hpp"
#include "runtime/hosting/background_check.hpp"
#include "runtime/hosting/coordinator_host.hpp"
#include "runtime/hosting/desk.hpp"
#include "runtime/hosting/engine_stage.hpp"
#include "runtime/hosting/journal_actor.hpp"
#include "runtime/hosting/journal_command.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/hosting/outside_actors.hpp"
#include "runtime/hosting/snapshot_file.hpp"
#include "runtime/journal/lock.hpp"
#include "runtime/supervision/parent_process.hpp"
#include "runtime/supervision/supervisor_actor.hpp"

namespace steward {
namespace {

constexpr std::int64_t lanes_at_most = 4;          // more would only divide the same cores
constexpr auto answers_within = std::chrono::seconds{30};

}  // namespace

struct engine::implementation {
  engine_parts parts;
  engine_stage stage;
  std::optional<process_lock> lock;
  std::shared_ptr<const event_kinds> kinds = all_event_kinds();
  std::unique_ptr<random_source> random;
  std::unique_ptr<journal> written;
  std::optional<company_state> folded;  // before the start, for the first coordinator
  actor_settings config;
  std::unique_ptr<caf::actor_system> system;

  std::mutex mutex;
  std::condition_variable changed;
  std::optional<supervisor_actor> root;
  std::vector<add_child> early;  // children to add once the root is known
  journal_actor journal_handle;
  coordinator_actor coordinator_handle;
  bool ready = false, stopped = false, closed = false;
  std::optional<background_check> past;

  explicit implementation(engine_parts p) : parts(std::move(p)), stage(parts.stage ? *parts.stage : engine_stage{}), random(stage.random()) {
    if (stage.configure) stage.configure(config);
  }

  /// The process can't go on: its parent starts another, which reads what the disk really holds.
  void end_process(const std::string& sentence) const {
    if (stage.lose_process) return stage.lose_process(sentence);
    std::fputs(("steward: " + sentence + "\n").c_str(), stderr);
    std::_Exit(exit_engine_lost);
  }

  /// For what blocks: a thread of its own where there are threads.
  template <class... Parts>
  caf::strong_actor_ptr spawn_apart(caf::actor_system& on, Parts&&... made) {
    if (stage.own_threads()) return caf::actor_cast<caf::strong_actor_ptr>(on.spawn<caf::detached>(std::forward<Parts>(made)...));
    return caf::actor_cast<caf::strong_actor_ptr>(on.spawn(std::forward<Parts>(made)...));
  }

  /// Waits until it holds; false when it did not within that time, or never will.
  bool wait(std::unique_lock<std::mutex>& guard, std::optional<duration> at_most, const std::function<bool()>& holds) {
    if (stage.own_threads()) {
      if (at_most) return changed.wait_for(guard, *at_most, holds);
      changed.wait(guard, holds);
      return true;
    }
    while (!holds()) {
      guard.unlock();
      const bool moved = stage.turn();
      guard.lock();
      if (!moved) return holds();
    }
    return true;
  }

  journal_options options() const {
    journal_options o;
    o.folder = parts.folder;
    o.fault = stage.journal_fault;
    return o;
  }

  coordinator_actor current_coordinator() {
    std::lock_guard guard(mutex);
    return coordinator_handle;
  }

  void add(add_child child) {
    std::lock_guard guard(mutex);
    if (root) caf::anon_send(*root, std::move(child));
    else early.push_back(std::move(child));
  }

  caf::strong_actor_ptr start_journal(const start_context& at) {
    written.reset();
    written = std::move(journal::open(options(), *kinds, *parts.now, *random).value());
    auto handle = spawn_apart(at.system, journal_behavior, written.get(), std::function<void(const error&)>([this](const error& e) { end_process(to_sentence(e)); }));
    std::lock_guard guard(mutex);
    journal_handle = caf::actor_cast<journal_actor>(handle);
    return handle;
  }

  caf::strong_actor_ptr start_coordinator(const start_context& at) {
    coordinator_host_parts host;
    host.now = parts.now;
    host.look_at_clock_every = parts.look_at_clock_every;
    host.snapshots = stage.snapshots;
    {
      std::lock_guard guard(mutex);
      host.journal = journal_handle;
    }
    for (const auto& [name, role] : parts.manifests.roles) {
      for (const auto& agent : parts.agents)
        if (agent.name == role.agent) host.agent_of_role[name] = agent;
      host.lanes_of_role[name] = lanes_of(role);
    }
    host.make = [this] {
      auto state = folded ? std::move(*folded) : fold_journal(parts.folder, *kinds, parts.manifests.company.zone).value();
      folded.reset();
      return std::make_unique<coordinator>(parts_of(parts).value(), std::move(state));
    };
    host.lose_process = [this](const std::string& sentence) { end_process(sentence); };
    host.restart_role = [this](const std::string& role) {
      const auto found = parts.manifests.roles.find(role);
      if (found == parts.manifests.roles.end()) return;
      for (std::int64_t i = 1; i <= lanes_of(found->second); ++i) {
        std::lock_guard guard(mutex);
        if (root) caf::anon_send(*root, retry_child{"desk/roles/" + role + "." + std::to_string(i)});
      }
    };
    host.on_ready = [this] {
      std::lock_guard guard(mutex);
      ready = true;
      changed.notify_all();
    };
    host.keep = [this](const company_state& state) {
      reader_options options;
      options.folder = parts.folder;
      if (auto source = reader::open(options, *kinds)) (void)write_snapshot(parts.folder, *parts.files, **source, state.head, snapshot_bytes(state));
    };
    host.on_stopped = [this] {
      std::lock_guard guard(mutex);
      stopped = true;
      changed.notify_all();
    };
    auto handle = at.system.spawn(coordinator_behavior, std::move(host));
    std::lock_guard guard(mutex);
    coordinator_handle = handle;
    return caf::actor_cast<caf::strong_actor_ptr>(handle);
  }

  static std::int64_t lanes_of(const role_definition& role) {
    return std::clamp<std::int64_t>(role.limits ? role.limits->running : limits_definition{}.running, 1, lanes_at_most);
  }

  child_spec spec_for(const char* under, std::string id) { return child_of(stage.tree, under, std::move(id)).value(); }

  void add_connectors() {
    const auto book = std::make_shared<const action_book>(std::move(action_book::make(parts.connectors).value()));
    for (const auto& c : parts.connectors) {
      connector_parts made{c, book, parts.files, c->manifest().signals.empty() ? duration{} : parts.look_at_clock_every.count() > 0 ? parts.look_at_clock_every : stage.polls_every};
      add({"desk/connectors", spec_for("desk/connectors", c->manifest().name), [this, made](const start_context& at) {
             return spawn_apart(at.system, connector_behavior, made, current_coordinator());
           }});
    }
    for (const auto& [name, provider] : parts.models)
      add({"desk/connectors", spec_for("desk/connectors", "model." + name), [this, provider = provider](const start_context& at) {
             return spawn_apart(at.system, model_behavior, provider, current_coordinator());
           }});
  }

  void add_memory() {
    add({"desk/memory", spec_for("desk/memory", "store"), [this](const start_context& at) {
           return spawn_apart(at.system, memory_behavior, memory_parts{parts.folder, kinds, parts.now, parts.files, parts.manifests.company.zone}, current_coordinator());
         }});
  }

  void add_roles() {
    for (const auto& [name, role] : parts.manifests.roles) {
      const auto agent = std::find_if(parts.agents.begin(), parts.agents.end(), [&](const agent_entry& a) { return a.name == role.agent; });
      if (agent == parts.agents.end()) continue;  // `steward check` refuses it; a run that needs it stops and asks
      const auto brief = brief_of(name, role, parts.manifests.company.zone);
      for (std::int64_t i = 1; i <= lanes_of(role); ++i) {
        auto spec = spec_for("desk/roles", name + "." + std::to_string(i));
        const auto fails = role.when_it_fails.value_or(failure_definition{});
        if (const auto limit = parse_restart_limit(fails.at_most)) spec.at_most = *limit;
        if (fails.restart == "never") spec.at_most = restart_limit{0, std::chrono::minutes{10}};  // down at the first fault, and a card says so
        if (role.limits && role.limits->run_for) spec.hangs_after = *role.limits->run_for;
        add({"desk/roles", std::move(spec), [this, brief, spawn = agent->spawn](const start_context& at) {
               caf::scoped_actor parent{at.system, true};
               return spawn(*parent.ptr(), brief, current_coordinator());
             }});
      }
    }
  }

  supervision_settings settings() {
    supervision_settings s;
    s.starts["journal"] = [this](const start_context& at) { return start_journal(at); };
    s.starts["coordinator"] = [this](const start_context& at) { return start_coordinator(at); };
    const auto below_desk = [](const std::string& path) { return path.starts_with("desk/") ? path.substr(5) : path; };
    s.listener.child_started = [this, below_desk](const std::string& path, std::int64_t, const caf::strong_actor_ptr& handle) {
      // A group that starts, or starts again after its elder fell, gets its children.
      if (path == "desk/connectors") return add_connectors();
      if (path == "desk/memory") return add_memory();
      if (path == "desk/roles") return add_roles();
      const auto name = below_desk(path);
      if (name.find('/') == name.npos) return;
      caf::anon_send(current_coordinator(), lane_started{name, handle});
    };
    s.listener.child_ended = [this, below_desk](const std::string& path, ending how, const fault& why) {
      const auto name = below_desk(path);
      if (name.find('/') == name.npos || how == ending::shutdown || how == ending::normal) return;
      auto told = why;
      if (how == ending::hang) told = {fault_kind::process, "handler_hung", "It did not come back from handling an event: " + why.sentence};
      caf::anon_send(current_coordinator(), lane_ended{name, std::move(told), false});
    };
    s.listener.child_gave_up = [this, below_desk](const std::string& path, const fault& why) {
      if (path == "engine") end_process(why.sentence);
      const auto name = below_desk(path);
      if (name.find('/') != name.npos) caf::anon_send(current_coordinator(), lane_ended{name, why, true});
    };
    s.listener.lost_worker = [](int) {};
    if (!stage.own_threads()) {
      s.threads = supervisor_threads::shared;
      s.random = [this](const std::string&) { return std::shared_ptr<random_source>(stage.random()); };
    }
    if (stage.lose_process) s.on_engine_lost = [this](const fault& why) { stage.lose_process(why.sentence); };
    return s;
  }
};

engine::engine(std::unique_ptr<implementation> it) : it_(std::move(it)) {}

result<std::unique_ptr<engine>> engine::start(engine_parts parts) {
  auto it = std::make_unique<implementation>(std::move(parts));
  auto lock = lock_folder(it->parts.folder);
  if (!lock) return lock.error();
  it->lock.emplace(std::move(*lock));

  // What can be refused is refused here, where the caller hears the sentence, and not inside an actor.
  {
    auto opened = journal::open(it->options(), *it->kinds, *it->parts.now, *it->random);
    if (!opened) return opened.error();
  }
  auto state = fold_journal(it->parts.folder, *it->kinds, it->parts.manifests.company.zone);
  if (!state) return state.error();
  auto coordinator_parts = parts_of(it->parts);
  if (!coordinator_parts) return coordinator_parts.error();
  const auto folded_to = state->head;
  if (auto ready = coordinator(std::move(*coordinator_parts), {}).get_ready(); !ready) return ready.error();
  it->folded = std::move(*state);

  it->system = std::make_unique<caf::actor_system>(it->config);
  if (it->stage.opened) it->stage.opened(*it->system);
  auto root = spawn_supervisor(*it->system, it->stage.tree, it->settings());
  if (!root) return root.error();
  {
    std::unique_lock guard(it->mutex);
    it->root = *root;
    for (auto& child : it->early) caf::anon_send(*it->root, std::move(child));
    it->early.clear();
    if (!it->wait(guard, {}, [&] { return it->ready; })) {
      guard.unlock();
      engine(std::move(it)).stop();
      return error{"engine_lost", "", "the engine ended while it started", "", ""};
    }
  }
  // What stands before the snapshot was not read for this start. A company whose past was changed stops acting until its operator has looked.
  if (it->stage.own_threads() && it->parts.files->exists(it->parts.folder + "/snapshot"))
    it->past.emplace(it->parts.folder, it->kinds, folded_to, [me = it.get()](const error& e) {
      std::fputs(("steward: " + to_sentence(e) + "\n").c_str(), stderr);
      std::lock_guard guard(me->mutex);
      if (!me->closed) caf::anon_send(me->coordinator_handle, desk_request{boost::json::object{{"do", "pause"}, {"scope", "company"}, {"reason", to_sentence(e)}}, [](json) {}});
    });
  return std::unique_ptr<engine>(new engine(std::move(it)));
}

engine::~engine() { stop(); }

void engine::send(json what, std::function<void(json)> answered) {
  auto whole = completed(it_->parts.folder, *it_->kinds, it_->parts.manifests, std::move(what));
  if (!whole) return answered(error_reply(whole.error()));
  what = std::move(*whole);
  {
    std::lock_guard guard(it_->mutex);
    if (!it_->closed) return caf::anon_send(it_->coordinator_handle, desk_request{std::move(what), std::move(answered)});
  }
  answered(error_reply({"engine_stopped", "", "the engine has stopped", "", "Start it with 'steward up'"}));
}

json engine::command(const json& what) {
  struct answer {
    json value;
    bool given = false;
  };
  auto got = std::make_shared<answer>();
  send(what, [got, it = it_.get()](json value) {
    std::lock_guard hold(it->mutex);
    if (!std::exchange(got->given, true)) got->value = std::move(value);
    it->changed.notify_all();
  });
  std::unique_lock guard(it_->mutex);
  if (!it_->wait(guard, answers_within, [&] { return got->given; }))
    return error_reply({"engine_busy", "", "the engine did not answer within 30 s", "", "'steward doctor' looks into it; the command may still be carried out"});
  return std::move(got->value);
}

void engine::stop(duration grace) {
  if (!it_ || !it_->system) return;
  it_->past.reset();
  {
    std::unique_lock guard(it_->mutex);
    it_->closed = true;
    caf::anon_send(it_->coordinator_handle, stop_now{grace / std::chrono::milliseconds{10}});
    it_->wait(guard, grace + std::chrono::seconds{5}, [&] { return it_->stopped; });
  }
  caf::anon_send_exit(caf::actor_cast<caf::actor>(*it_->root), caf::exit_reason::user_shutdown);
  {
    std::lock_guard guard(it_->mutex);
    it_->root.reset();
    it_->journal_handle = nullptr;
    it_->coordinator_handle = nullptr;
  }
  if (it_->stage.drain) it_->stage.drain(*it_->system);
  it_->system.reset();  // waits until every actor is gone
  it_->written.reset();
  it_->lock.reset();
}

json engine::tree() const {
  const auto list = [&](const std::string& under) {
    boost::json::array children;
    caf::scoped_actor asks{*it_->system, true};
    asks->request(*it_->root, std::chrono::seconds{5}, list_children{under})
        .receive([&](children_listed& listed) {
          for (const auto& child : listed.children) children.push_back(to_json(child));
        },
                 [](caf::error&) {});
    return children;
  };
  boost::json::array top = list("");
  for (auto& child : top)
    if (text_at(child, "id") == "desk") {
      auto groups = list("desk");
      for (auto& group : groups) group.as_object()["children"] = list("desk/" + text_at(group, "id"));
      child.as_object()["children"] = std::move(groups);
    }
  return boost::json::object{{"id", "engine"}, {"state", "up"}, {"children", std::move(top)}};
}

json engine::figures() const {
  return boost::json::object{{"commits", it_->written->commits()}, {"flushes", it_->written->flushes()}, {"bytes", it_->written->bytes_written()}};
}

}  // namespace steward
