#include "runtime/hosting/replay.hpp"

#include "runtime/coordination/company_state.hpp"
#include "runtime/coordination/question.hpp"
#include "runtime/digest.hpp"
#include "runtime/execution/run_names.hpp"
#include "runtime/execution/workflow.hpp"
#include "runtime/hosting/open_company.hpp"
#include "runtime/hosting/replay_definitions.hpp"
#include "runtime/planted.hpp"

namespace steward {
namespace {

/// What an intent is about, in one word where it has one.
std::string name_of(const intent& wish) {
  struct {
    std::string operator()(const recall& w) const { return w.scope; }
    std::string operator()(const remember& w) const { return w.scope; }
    std::string operator()(const look_up& w) const { return w.action; }
    std::string operator()(const ask_model& w) const { return w.prompt; }
    std::string operator()(const propose_effect& w) const { return w.action; }
    std::string operator()(const ask_role& w) const { return w.role; }
    std::string operator()(const ask_operator& w) const { return w.question.substr(0, w.question.find('\n')); }
    std::string operator()(const wake_at& w) const { return to_text(w.at); }
    std::string operator()(const finish&) const { return ""; }
    std::string operator()(const give_up& w) const { return w.reason; }
  } tell;
  return std::visit(tell, wish);
}

/// The same of an event that the engine made of an intent; nothing where the event comes from elsewhere.
std::optional<std::string> name_from(const std::string& kind, const event::any& made) {
  if (const auto* e = std::get_if<event::effect_proposed>(&made); e && kind == "propose_effect") return e->prepared.action;
  if (const auto* e = std::get_if<event::memory_added>(&made); e && kind == "remember") return e->item.scope;
  if (const auto* e = std::get_if<event::card_raised>(&made); e && kind == "ask_operator" && e->about == "question") return e->text.substr(0, e->text.find('\n'));
  return {};
}

std::string shown(const json& one) {
  if (one.is_null()) return "nothing";
  const auto name = text_at(one, "name");
  const auto digest = text_at(one, "digest").substr(0, 12);
  return text_at(one, "kind") + (name.empty() ? "" : " '" + name + "'") + (digest.empty() ? "" : " " + digest);
}

json short_of(const json& value) { return boost::json::object{{"kind", "value"}, {"name", canonical(value).substr(0, 200)}, {"digest", hex_digest(canonical(value))}}; }

class replaying {
public:
  replaying(const told_run& told, const std::string& run, const replayed_agents& agents, const company_manifests& manifests, const replay_order& order)
      : told_(told), run_(run), agents_(agents), manifests_(manifests), order_(order), what_(order.what) {
    state_.zone = manifests.company.zone;
    for (const auto& e : told.events) {
      if (e.first.cause != 0) caused_[e.first.cause].push_back(&e.second);
      if (const auto* began = std::get_if<event::run_started>(&e.second); began && began->run == run) said_ = *began;
    }
  }

  result<json> all() {
    if (auto ready = get_ready(); !ready) return ready.error();
    for (const auto& [h, e] : told_.events) {
      if (decides_) decides_->before(h, e, state_);
      if (gate_)
        if (auto judged = gate_->before(h, e); !judged) return judged.error();
      if (const auto* began = std::get_if<event::step_started>(&e); began && began->run == run_ && began->what == "role" && workflow_ && decides_->ended().empty()) look_at_input(h, *began);
      if (const auto* taken = std::get_if<event::turn_taken>(&e)) look_at_turn(h, *taken);
      if (auto applied = state_.apply_told(h, e); !applied) return applied.error();
      if (decides_) decides_->after(h, e, state_);
      note_used(h, e);
    }
    if (decides_ && !decides_->ended().empty()) notes_.emplace_back(decides_->ended());
    if (what_ == replay_of::manifests) look_at_definitions();
    const auto first = std::min_element(found_.begin(), found_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    boost::json::object told{{"run", run_}, {"workflow", said_.workflow}, {"events", std::int64_t(told_.events.size())}, {"turns", turns_},
                             {"decisions", (decides_ ? decides_->decisions() : 0) + (gate_ ? gate_->decisions() : 0)}, {"same", found_.empty()},
                             {"first", first == found_.end() ? json() : json(first->second)}, {"notes", std::move(notes_)}, {"differences", std::move(differences_)}};
    boost::json::array steps;
    for (const auto& name : names_) {
      auto& s = steps_.at(name);
      steps.push_back(boost::json::object{{"instance", name}, {"step", s.step}, {"role", s.role}, {"agent", s.agent}, {"turns", s.turns}, {"notes", std::move(s.notes)}, {"differences", std::move(s.differences)}});
    }
    told["steps"] = std::move(steps);
    return json(std::move(told));
  }

private:
  struct taken_again {
    std::string step, role, agent;
    std::unique_ptr<agent_value> value;
    bool over = false;  // nothing can be said of its further turns
    std::int64_t turns = 0;
    std::int64_t noted_version = 0;
    boost::json::array notes, differences;
  };

  taken_again& step_of(const std::string& instance, const std::string& step, const std::string& role) {
    const auto [it, fresh] = steps_.try_emplace(instance);
    if (fresh) {
      names_.push_back(instance);
      it->second.step = step;
      it->second.role = role;
    }
    return it->second;
  }

  void differs(taken_again& s, boost::json::object difference, const std::string& sentence) {
    difference["step"] = s.step;
    difference["sentence"] = sentence;
    found_.emplace_back(std::pair{difference.at("seq").as_int64(), 0}, difference);
    s.differences.push_back(std::move(difference));
  }

  void differs(const workflow_difference& d) {
    boost::json::object difference{{"seq", d.seq}, {"step", d.step}, {"what", d.what}, {"field", d.field}, {"recorded", d.recorded}, {"now", d.now}, {"sentence", d.sentence}};
    found_.emplace_back(std::pair{d.seq, d.what == "definition" ? 1 : 0}, difference);
    differences_.push_back(std::move(difference));
  }

  /// Compiles the workflow that decides, and the one that decided then.
  result<void> get_ready() {
    std::shared_ptr<const workflow> then;
    if (order_.workflow_then) {
      auto compiled = workflow::compile(*order_.workflow_then, manifests_.company.zone);
      if (!compiled) return compiled.error();
      then = std::move(*compiled);
    }
    const auto tell = [this](const workflow_difference& d) { differs(d); };
    if (what_ == replay_of::company || is_made_by_engine(said_.workflow)) {
      workflow_ = then;
      if (!workflow_) notes_.emplace_back("The journal does not hold the workflow that the run worked by, so only its agents' turns are taken again");
    } else if (const auto definition = manifests_.workflows.find(said_.workflow); definition != manifests_.workflows.end()) {
      auto compiled = workflow::compile(definition->second, manifests_.company.zone);
      if (!compiled) return compiled.error();
      workflow_ = std::move(*compiled);
      if (!then) notes_.emplace_back("The journal does not hold the workflow that the run worked by: what is not decided again can't be compared");
    } else {
      differs({told_.events.empty() ? 0 : told_.events.front().first.seq, "", "order", "", boost::json::object{{"kind", "workflow"}, {"name", said_.workflow}, {"digest", ""}}, nullptr,
               "There is no workflow '" + said_.workflow + "' any more"});
    }
    then_ = std::move(then);
    if (workflow_) decides_ = std::make_unique<workflow_replay>(told_, run_, workflow_, then_, tell);
    if (what_ == replay_of::manifests && order_.world) gate_ = std::make_unique<gate_replay>(told_, manifests_, *order_.world, workflow_, tell);
    return {};
  }

  void note_used(const event::header& h, const event::any& e) {
    if (const auto* x = std::get_if<event::step_started>(&e); x && !x->role.empty()) used_.roles.try_emplace(x->role, h.seq);
    if (const auto* x = std::get_if<event::effect_proposed>(&e)) {
      used_.actions.try_emplace(x->prepared.action, h.seq);
      used_.done_by.try_emplace({x->role, x->prepared.action}, h.seq);
    }
    if (const auto* x = std::get_if<event::looked_up>(&e)) used_.actions.try_emplace(x->action, h.seq);
    if (const auto* x = std::get_if<event::entity_recorded>(&e)) used_.types.try_emplace(x->type, h.seq);
  }

  void look_at_definitions() {
    used_.began = told_.events.empty() ? 0 : told_.events.front().first.seq;
    if (decides_) used_.steps = decides_->passed(), used_.decided_again = decides_->ended().empty();
    if (gate_)
      for (const auto& by : gate_->otherwise()) used_.done_by.erase(by);
    const auto tell = [this](const workflow_difference& d) { differs(d); };
    if (then_ && workflow_) compare_workflows(*then_, *workflow_, used_, tell);
    if (order_.before) compare_manifests(*order_.before, manifests_, used_, tell);
  }

  /// Makes the agent; without one the step's notes say why.
  void make(taken_again& s, const std::string& role_name) {
    const auto role = manifests_.roles.find(role_name);
    s.over = true;
    if (role == manifests_.roles.end()) return s.notes.emplace_back("There is no role '" + role_name + "' in the manifests, so its turns can't be taken again"), void();
    s.agent = role->second.agent;
    const auto agent = agents_.find(s.agent);
    if (agent == agents_.end())
      return s.notes.emplace_back("The agent '" + s.agent + "' of the role '" + role_name + "' is not in this build of Steward, so its turns can't be taken again"), void();
    s.value = agent->second.make(brief_of(role_name, role->second, manifests_.company.zone));
    s.over = false;
  }

  /// The question of an event that this turn caused, put together from what its run had heard by then; nothing where the journal
  /// does not hold that any more.
  std::optional<model_question> question_in(std::int64_t turn, const event::model_asked& asked) const {
    if (asked.question) return asked.question;
    const auto run = state_.runs.find(run_);
    const auto made = caused_.find(turn);
    if (run == state_.runs.end() || made == caused_.end() || !asked.change) return {};
    auto heard = run->second.heard;
    for (const auto* e : made->second) {
      const auto* one = std::get_if<event::model_asked>(e);
      const auto text = one ? take_question(heard, *one) : std::string{};
      if (one != &asked || hex_digest(text) != asked.change->digest) continue;
      if (auto whole = from_json_text<model_question>(text)) return std::move(*whole);
    }
    return {};
  }

  json recorded(const event::turn_taken& taken, std::size_t at, std::int64_t seq) const {
    if (at >= taken.intents.size()) return nullptr;
    const auto& said = taken.intents[at];
    std::string name;
    if (said.body) {
      auto body = *said.body;
      body.as_object()["kind"] = said.kind;
      if (const auto wish = intent_from_json(body)) name = name_of(*wish);
    } else if (said.kind == "ask_role") {  // the run that began for it: the first of this instance after its turn, or one further for each before it
      auto before = std::count_if(taken.intents.begin(), taken.intents.begin() + std::ptrdiff_t(at), [&](const event::said& s) { return s.kind == said.kind; });
      for (const auto& [h, e] : told_.events)
        if (const auto* began = std::get_if<event::run_started>(&e); began && h.seq > seq && began->parent == taken.instance && before-- == 0) name = began->workflow.substr(began->workflow.find(' ') + 1);
    } else if (const auto made = caused_.find(seq); made != caused_.end()) {
      auto before = std::count_if(taken.intents.begin(), taken.intents.begin() + std::ptrdiff_t(at), [&](const event::said& s) { return s.kind == said.kind; });
      for (const auto* e : made->second) {
        const auto* asked = said.kind == "ask_model" ? std::get_if<event::model_asked>(e) : nullptr;
        if (asked && before-- == 0) {
          if (const auto question = question_in(seq, *asked)) name = question->asked.name;
        } else if (const auto found = name_from(said.kind, *e); found && before-- == 0) {
          name = *found;
        }
      }
    }
    return boost::json::object{{"kind", said.kind}, {"name", name}, {"digest", said.digest}};
  }

  json said_now(const std::string& role, const intents& said, std::size_t at) const {
    if (at >= said.size()) return nullptr;
    auto name = name_of(said[at]);
    if (const auto* asks = std::get_if<ask_model>(&said[at]))
      if (const auto put = question_of(manifests_, role, *asks)) name = put->question.asked.name;
    return boost::json::object{{"kind", kind_of(said[at])}, {"name", name}, {"digest", hex_digest(to_json_text(said[at]))}};
  }

  void look_at_turn(const event::header& h, const event::turn_taken& taken) {
    const auto it = state_.instances.find(taken.instance);
    if (it == state_.instances.end() || it->second.pending.empty()) return;  // the fold says what is wrong with that
    const auto& a = it->second;
    auto& s = step_of(a.id, a.step, a.role);
    if (!s.value && !s.over) make(s, a.role);
    if (s.over) return;
    if (const auto now = agents_.at(s.agent).version; now != taken.agent_version && std::exchange(s.noted_version, taken.agent_version) != taken.agent_version)
      s.notes.emplace_back(fmt::format("The agent '{}' was version {} then and is {} now: where it says something else, that is what the new version would do", s.agent, taken.agent_version, now));
    const auto& event = a.pending.front();
    if (told_.shortened.contains(event.seq)) {
      s.notes.emplace_back(fmt::format("The texts of event {} ({}) were taken out of the journal by 'steward journal compact' or 'steward entity erase', so its turns from there can't be taken again", event.seq, event.kind));
      s.over = true;
      return;
    }
    ++s.turns;
    ++turns_;
    const boost::json::object place{{"seq", h.seq}, {"handled", event.seq}, {"handled_kind", event.kind}, {"instance", a.id}};
    deliver_event given{a.id, a.role, event, 1, a.turns, {}, 0, 0, 0};
    const auto report = s.value->handle(given);
    const auto at_event = fmt::format("event {}, {} on {} (event {}): ", h.seq, a.id, event.kind, event.seq);
    if (report.trouble) {
      auto difference = place;
      difference["what"] = "fault";
      difference["recorded"] = recorded(taken, 0, h.seq);
      difference["now"] = boost::json::object{{"kind", report.trouble->code}, {"name", ""}, {"digest", ""}};
      differs(s, std::move(difference), at_event + report.trouble->sentence);
      s.over = true;
      return;
    }
    // A turn that was refused as a whole left no trace; of one that stands everything up to its end is compared.
    for (std::size_t i = 0; i < std::max(report.said.size(), taken.intents.size()); ++i) {
      const bool both = i < report.said.size() && i < taken.intents.size();
      const bool same = both && taken.intents[i].kind == kind_of(report.said[i]) && taken.intents[i].digest == hex_digest(to_json_text(report.said[i]));
      if (same || planted(bug::divergence_ignored)) {
        if (same && what_ == replay_of::manifests) look_at_question(s, place, at_event, h.seq, std::get_if<ask_model>(&report.said[i]), a);
        continue;
      }
      const auto then = recorded(taken, i, h.seq), now = said_now(a.role, report.said, i);  // with their names, which take looking for
      auto difference = place;
      difference["what"] = "intent";
      difference["intent"] = std::int64_t(i + 1);
      difference["recorded"] = then;
      difference["now"] = now;
      differs(s, std::move(difference), fmt::format("{}intent {} was {} and is {} now", at_event, i + 1, shown(then), shown(now)));
      break;  // what follows in this turn has lost its place
    }
    const bool went_on = std::none_of(taken.intents.begin(), taken.intents.end(), [](const event::said& x) { return x.kind == "finish" || x.kind == "give_up"; });
    if (went_on && report.state.is_null()) {
      s.notes.emplace_back("It would end here; what it was given after that is not taken again");
      s.over = true;
    }
  }

  /// The wish is the same; what the model would be asked may still be another: its prompt's text, its class, its answer's shape.
  void look_at_question(taken_again& s, const boost::json::object& place, const std::string& at_event, std::int64_t seq, const ask_model* wish, const agent_instance& a) {
    if (!wish) return;
    const event::model_asked* then = nullptr;
    if (const auto made = caused_.find(seq); made != caused_.end())
      for (const auto* e : made->second)
        if (const auto* asked = std::get_if<event::model_asked>(e); asked && asked->tag == wish->tag) then = asked;
    const auto was = then ? question_in(seq, *then) : std::nullopt;
    if (!was) return;
    const auto now = question_of(manifests_, a.role, *wish);
    auto difference = place;
    difference["what"] = "question";
    difference["recorded"] = boost::json::object{{"kind", "ask_model"}, {"name", was->asked.name}, {"digest", question_digest(*then)}};
    difference["now"] = nullptr;
    if (!now) return differs(s, std::move(difference), at_event + to_sentence(now.error()));
    std::string changed = then->model == now->provider ? "" : "model " + then->model + " -> " + now->provider;
    const auto note = [&](const char* what, bool same) {
      if (!same) changed += (changed.empty() ? "" : ", ") + std::string(what);
    };
    const auto &q = *was, &p = now->question;
    note("model class", q.model_class == p.model_class);
    note("prompt", q.asked.name == p.asked.name);
    note("task of the prompt", q.asked.task == p.asked.task);
    note("text of the prompt", q.asked.text == p.asked.text);
    note("material", canonical(q.with) == canonical(p.with));
    note("shape of the answer", canonical(q.answer_schema) == canonical(p.answer_schema));
    note("tokens_at_most", q.tokens_at_most == p.tokens_at_most);
    if (changed.empty()) return;
    difference["now"] = boost::json::object{{"kind", "ask_model"}, {"name", p.asked.name}, {"digest", hex_digest(canonical(to_json(p)))}};
    differs(s, std::move(difference), fmt::format("{}the question to the model would be another ({}); the answer of then is used below", at_event, changed));
  }

  /// Which role does the step in the workflow, and with which input.
  void look_at_input(const event::header& h, const event::step_started& began) {
    const auto run = state_.runs.find(began.run);
    if (run == state_.runs.end()) return;
    auto& s = step_of(instance_name(began.run, began.step, began.visit, began.attempt, began.each ? std::optional<std::size_t>(0) : std::nullopt), began.step, began.role);
    boost::json::object difference{{"seq", h.seq}, {"instance", began.run + "/" + began.step}, {"recorded", nullptr}, {"now", nullptr}};
    const auto at_event = fmt::format("event {}, step '{}': ", h.seq, began.step);
    const auto none = [&](const char* what, const std::string& sentence) {
      difference["what"] = what;
      differs(s, difference, at_event + sentence);
    };
    if (said_.parent) return;  // asked for by another role: no manifest names its step
    const auto* step = workflow_->find(began.step);
    if (!step || !step->said->role) return;  // replay_workflow.hpp tells of that
    if (*step->said->role != began.role) {
      difference["recorded"] = boost::json::object{{"kind", "role"}, {"name", began.role}, {"digest", ""}};
      difference["now"] = boost::json::object{{"kind", "role"}, {"name", *step->said->role}, {"digest", ""}};
      return none("role", "the role '" + *step->said->role + "' would do it, then it was '" + began.role + "'");
    }
    const auto names = [&] { return run_names(run->second, workflow_->definition.constants, h.time); };
    json input = boost::json::array{};
    if (step->each) {
      const auto list = step->each->list.evaluate(names());
      if (!list || !list->is_array()) return none("input", list ? "for_each has no list" : to_sentence(list.error()));
      for (const auto& item : list->get_array()) {
        auto one = step->with.evaluate(names().with(step->each->name, item));
        if (!one) return none("input", to_sentence(one.error()));
        input.as_array().push_back(std::move(*one));
      }
    } else {
      auto one = step->with.evaluate(names());
      if (!one) return none("input", to_sentence(one.error()));
      input = one->is_null() ? json(boost::json::object{}) : std::move(*one);
    }
    if (canonical(input) == canonical(began.input)) return;
    difference["recorded"] = short_of(began.input);
    difference["now"] = short_of(input);
    none("input", in_words(*first_change(began.input, input, "input")) + "; the input of then is used below");
  }

  const told_run& told_;
  const std::string run_;
  const replayed_agents& agents_;
  const company_manifests& manifests_;
  const replay_order& order_;
  const replay_of what_;
  company_state state_;
  event::run_started said_;
  std::shared_ptr<const workflow> workflow_, then_;  // the one that decides, and the one of then
  std::unique_ptr<workflow_replay> decides_;
  std::unique_ptr<gate_replay> gate_;
  used_by_run used_;
  std::map<std::int64_t, std::vector<const event::any*>> caused_;
  std::map<std::string, taken_again> steps_;
  std::vector<std::string> names_;  // of these, in the order in which they came
  std::int64_t turns_ = 0;
  boost::json::array notes_, differences_;  // of the workflow
  std::vector<std::pair<std::pair<std::int64_t, int>, boost::json::object>> found_;
};

}  // namespace

replayed_agents agents_to_replay(const agent_catalog& catalog) {
  replayed_agents all;
  for (const auto& entry : catalog) all[entry.name] = {entry.facts.version, entry.make};
  return all;
}

result<told_run> events_of_run(reader& source, const std::string& run) {
  told_run told;
  auto& all = told.events;
  std::optional<error> failed;
  const auto gather = [&](const event_query& query, const auto& wanted) -> result<std::size_t> {
    return source.each(query, [&](const record& stored) {
      auto e = typed(stored);
      if (!e) failed = e.error();
      else if (wanted(e->second)) {
        if (stored.state != body_state::whole) told.shortened.insert(stored.seq);
        all.push_back(std::move(*e));
      }
      return !failed;
    });
  };
  event_query own;
  own.correlation = run;
  own.limit = SIZE_MAX;
  auto read = gather(own, [](const event::any&) { return true; });
  if (!read) return read.error();
  if (failed) return *failed;
  if (all.empty() || !std::holds_alternative<event::run_started>(all.front().second))
    return error{"not_found_in_journal", "", "no run in the journal goes by '" + run + "'", "a run (run-2)", "'steward runs --all' lists them"};
  // An agent that asked another role waits for the run that began then; its start stands in that run's own stream.
  event_query starts;
  starts.kind = event::run_started::kind;
  starts.from_seq = all.front().first.seq + 1;
  starts.limit = SIZE_MAX;
  read = gather(starts, [&](const event::any& e) {
    const auto& started = std::get<event::run_started>(e);
    return started.parent && company_state::run_of(*started.parent) == run;
  });
  if (!read) return read.error();
  if (failed) return *failed;
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first.seq < b.first.seq; });
  return told;
}

result<json> with_fork_point(const std::string& folder, const event_kinds& kinds, const json& command) {
  auto source = reader::open({.folder = folder, .erased = erased_as::text}, kinds);
  if (!source) return source.error();
  const auto run = text_at(command, "run");
  const auto told = events_of_run(**source, run);
  if (!told) return told.error();
  const auto from = fork_point(*told, run, text_at(command, "at"));
  if (!from) return from.error();
  auto whole = command;
  auto point = *from;
  point.point.effects = text_at(command, "effects", "reuse");
  if (point.point.effects != "reuse" && point.point.effects != "ask")
    return error{"bad_input", "fork " + run, "effects is '" + point.point.effects + "'", "reuse (take the recorded answer where the same is wanted again) or ask (ask again for each)", ""};
  whole.as_object()["from"] = to_json(point);
  return whole;
}

result<std::optional<workflow_definition>> workflow_of_run(reader& source, const told_run& told) {
  const auto* began = told.events.empty() ? nullptr : std::get_if<event::run_started>(&told.events.front().second);
  std::optional<workflow_definition> found;
  if (!began) return found;
  event_query adopted;
  adopted.kind = event::manifest_adopted::kind;
  adopted.to_seq = told.events.front().first.seq;
  adopted.limit = SIZE_MAX;
  std::optional<error> failed;
  const auto read = source.each(adopted, [&](const record& stored) {
    const auto e = typed(stored);
    if (!e) return failed = e.error(), false;
    const auto& one = std::get<event::manifest_adopted>(e->second);
    if (stored.state != body_state::whole || one.what != "workflow" || one.digest != began->digest) return true;
    auto definition = from_json<workflow_definition>(one.body);
    if (!definition) failed = definition.error();
    else found = std::move(*definition);
    return false;
  });
  if (failed) return *failed;
  if (!read) return read.error();
  return found;
}

result<json> replay(const told_run& told, const std::string& run, const replayed_agents& agents, const company_manifests& manifests, const replay_order& order) {
  return replaying(told, run, agents, manifests, order).all();
}

}  // namespace steward
