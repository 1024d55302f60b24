#include "runtime/hosting/desk.hpp"

#include "runtime/observation/views.hpp"

namespace steward {
namespace {

json ok(json value = boost::json::object{}) { return boost::json::object{{"ok", std::move(value)}}; }
json reply(const result<void>& r) { return r ? ok() : error_reply(r.error()); }

json at(const json& object, std::string_view key) {
  const auto* found = at_path(object, key);
  return found ? *found : json{};
}

bool flag(const json& object, std::string_view key) {
  const auto* found = at_path(object, key);
  return found && found->is_bool() && found->get_bool();
}

}  // namespace

json error_reply(const error& e) { return boost::json::object{{"error", to_json(e)}}; }

json execute(coordinator& c, const json& command, time_point now) {
  const auto text = [&](std::string_view key) { return text_at(command, key); };
  const auto verb = text("do");
  if (verb == "view") {
    auto seen = view(c.state(), c.manifests(), c.actions(), command, std::max(now, c.state().now));  // the company's time never goes back
    return seen ? ok(std::move(*seen)) : error_reply(seen.error());
  }
  if (verb == "run") {
    auto begun = c.start_run(text("workflow"), at(command, "input"), "by hand", flag(command, "stepwise"), text("key"), now);
    return begun ? ok(boost::json::object{{"run", *begun}}) : error_reply(begun.error());
  }
  if (verb == "fork") {
    const auto from = from_json<fork_from>(at(command, "from"), "from");
    if (!from) return error_reply(from.error());
    const auto* input = at_path(command, "input");
    auto begun = c.fork_run(*from, input ? std::optional(*input) : std::nullopt, flag(command, "stepwise"), text("key"), now);
    if (!begun) return error_reply(begun.error());
    const auto& point = from->point;
    boost::json::array left;
    for (const auto& one : point.left)
      if (const auto* manifest = c.actions().find(one.action); !manifest || manifest->repeats != effect_class::read_only)
        left.push_back(boost::json::object{{"effect", one.effect}, {"action", one.action}, {"known", one.came_out.has_value()}});
    return ok(boost::json::object{{"run", *begun},
                                  {"from", {{"run", point.run}, {"step", point.step}, {"visit", point.visit}, {"seq", point.seq}}},
                                  {"effects", point.effects},
                                  {"left", std::move(left)}});
  }
  if (verb == "undo") {
    const auto done = from_json<std::vector<done_effect>>(at(command, "done"), "done");
    if (!done) return error_reply(done.error());
    const auto* told = at_path(command, "records");
    auto records = told ? from_json<std::vector<std::string>>(*told, "records") : result<std::vector<std::string>>(std::vector<std::string>{});
    if (!records) return error_reply(records.error());
    auto begun = c.undo(text("what"), *done, now);
    if (begun) begun->records = std::move(*records);
    return begun ? ok(to_json(*begun)) : error_reply(begun.error());
  }
  if (verb == "remap") {
    const auto told = from_json<remap_told>(at(command, "told"), "told");
    if (!told) return error_reply(told.error());
    const auto report = c.remap(text("type"), *told, flag(command, "dry_run"), now);
    return report ? ok(to_json(*report)) : error_reply(report.error());
  }
  if (verb == "approve" && flag(command, "at_once")) return reply(c.approve_at_once(text("approval"), text("reason"), now));
  if (verb == "decide_alike") {
    const auto seen = from_json<std::vector<seen_question>>(at(command, "questions"), "questions");
    if (!seen) return error_reply(seen.error());
    return reply(c.decide_alike(flag(command, "yes"), *seen, text("reason"), now));
  }
  if (verb == "snooze") {
    const auto until = parse_time(text("until"));
    return until ? reply(c.snooze_card(text("card"), *until, now)) : error_reply({"bad_snooze", "until", "found '" + text("until") + "'", "a time", ""});
  }
  if (verb == "approve" && !text("always_for").empty()) {
    const auto for_ = parse_duration(text("always_for"));
    if (!for_) return error_reply(for_.error());
    auto given = c.approve_always(text("approval"), text("reason"), *for_, now);
    return given ? ok(boost::json::object{{"policy", *given}}) : error_reply(given.error());
  }
  if (verb == "revoke") return reply(c.revoke_policy(text("policy"), now));
  if (verb == "approve") return reply(c.approve(text("approval"), text("reason"), now));
  if (verb == "reject") return reply(c.reject(text("approval"), text("reason"), now));
  if (verb == "modify") return reply(c.modify(text("approval"), text("effect"), at(command, "changes"), now));
  if (verb == "answer") return reply(c.answer(text("card"), text("answer"), now));
  if (verb == "pause") return reply(c.pause(text("scope"), text("name"), text("reason"), now));
  if (verb == "resume") return reply(c.resume(text("scope"), text("name"), now));
  if (verb == "stop") return reply(c.stop_run(text("run"), now));
  if (verb == "retry") return reply(c.retry(text("what"), now));
  if (verb == "step") return reply(c.step_on(text("run"), now));
  if (verb == "merge") return reply(c.merge_entities(text("entity"), text("other"), text("because"), now));
  if (verb == "split") return reply(c.split_entity(text("other"), text("because"), now));
  if (verb == "grant_rung" || verb == "lower_rung") {
    const auto rung = from_word<autonomy>(text("rung"));
    if (!rung) return error_reply({"unknown_word", "rung", "found '" + text("rung") + "'", "shadow, suggest, ask or act", ""});
    const auto role = text("role") == "company" && !c.manifests().roles.contains("company") ? "" : text("role");
    return reply(verb == "grant_rung" ? c.grant_rung(role, text("action"), *rung, now) : c.lower_rung(role, text("action"), *rung, text("reason"), now));
  }
  if (verb == "judge_shadow") {
    const auto verdict = from_word<evidence_kind>(text("verdict"));
    if (verdict != evidence_kind::same && verdict != evidence_kind::different) return error_reply({"unknown_word", "verdict", "found '" + text("verdict") + "'", "same or different", ""});
    return reply(c.judge_shadow(text("effect"), *verdict, now));
  }
  if (verb == "remember") {
    auto item = from_json<memory_item>(at(command, "item"), "item");
    if (!item) return error_reply(item.error());
    return reply(c.add_memory(std::move(*item), now));
  }
  return error_reply({"unknown_command", "", "found '" + verb + "'", "run, fork, undo, approve, decide_alike, snooze, revoke, reject, modify, answer, pause, resume, stop, retry, step, merge, split, remap, grant_rung, lower_rung, judge_shadow, remember or view", ""});
}

}  // namespace steward
