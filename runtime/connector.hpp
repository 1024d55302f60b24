/// CONTRACT for connectors/: an adapter to one outside system. Plain C++, no actors.
///
/// An effect passes three steps. `prepare` is pure and runs when the effect is proposed: its bytes are what the operator
/// approves. `perform` is the only step that touches the outside, and sends exactly those bytes. `read` is pure again and
/// says what the answer means. Whoever writes a connector passes the conformance suite (connectors/conformance.hpp).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/described.hpp"
#include "runtime/disk.hpp"
#include "runtime/json.hpp"
#include "runtime/labels.hpp"
#include "runtime/money.hpp"

namespace steward {

/// How an action may be repeated (promise 2). An undeclared action is `neither`.
enum class effect_class {
  read_only,  // R: changes nothing, retry freely
  keyed,      // K: the provider honours our effect key inside `key_window`: repeat with the same key and bytes
  queryable,  // Q: can be looked up by our mark; always looked up before anything else
  neither,    // N: at most once
};
BOOST_DESCRIBE_ENUM(effect_class, read_only, keyed, queryable, neither)

enum class risk_kind { none, inside, outside, public_, money, legal };
BOOST_DESCRIBE_ENUM(risk_kind, none, inside, outside, public_, money, legal)

struct action_manifest {
  std::string name;                                    // "mailbox.send"
  std::string summary;                                 // one sentence for the operator
  effect_class repeats = effect_class::neither;
  risk_kind risk = risk_kind::outside;
  std::string undo = "none";                           // the action that takes it back, or "none"
  std::optional<duration> key_window;                  // keyed: how long the provider remembers the key; absent: for ever
  std::int64_t per_minute = 60;                        // what the provider allows
  duration answers_within = std::chrono::seconds{30};  // after this a call counts as lost
  money cost;                                          // worst case of one call
  std::uint32_t answer_labels = 0;                     // labels of what it brings back
  json arguments;                                      // JSON Schema of the arguments
  json answer;                                         // JSON Schema of the answer
};
BOOST_DESCRIBE_STRUCT(action_manifest, (), (name, summary, repeats, risk, undo, key_window, per_minute, answers_within, cost, answer_labels, arguments, answer))

/// Something that arrives by itself, such as a mail.
struct signal_manifest {
  std::string name;     // "mail_received"
  std::string summary;
  json body;            // JSON Schema
};
BOOST_DESCRIBE_STRUCT(signal_manifest, (), (name, summary, body))

struct connector_manifest {
  std::string name;  // "mailbox"
  std::string summary;
  std::string version;
  json settings;  // JSON Schema of its settings in connectors.yaml
  std::vector<action_manifest> actions;
  std::vector<signal_manifest> signals;
};
BOOST_DESCRIBE_STRUCT(connector_manifest, (), (name, summary, version, settings, actions, signals))

/// What the engine gives an effect before it is prepared. Same mark and arguments, same bytes.
struct effect_mark {
  std::string key;  // the effect key: unique, for ever; lower-case letters and digits, so it fits a file name or a header
  time_point time;  // when it was proposed; the Date of a mail
};
BOOST_DESCRIBE_STRUCT(effect_mark, (), (key, time))

/// A prepared effect. Its digest covers all of it; what is shown to people is derived from the bytes alone.
struct request {
  std::string action;
  std::string key;
  std::string bytes;                    // exactly what leaves; valid UTF-8 (binary content is encoded by the format, as mail does)
  std::vector<std::string> recipients;  // external ids of whom it reaches: "mailbox:ada@example.com", "site:/2026/11/update.html"
  std::string preview;                  // what will happen and to whom, in a few lines of plain text; also the dry run
};
BOOST_DESCRIBE_STRUCT(request, (), (action, key, bytes, recipients, preview))

/// What came back from the outside, not yet understood.
struct answer {
  bool looked_up = false;      // from `look_up` instead of `perform`
  bool complete = false;       // false: lost on the way, nobody knows
  bool nothing_sent = false;   // certain that not one byte left: a retry is safe
  std::string bytes;
  error trouble;               // code empty when there was none
};
BOOST_DESCRIBE_STRUCT(answer, (), (looked_up, complete, nothing_sent, bytes, trouble))

enum class outcome_kind {
  confirmed,  // it happened
  refused,    // the other side said no for good: don't repeat
  failed,     // it did not happen, and a repeat may work
  in_doubt,   // nobody knows whether it happened
};
BOOST_DESCRIBE_ENUM(outcome_kind, confirmed, refused, failed, in_doubt)

struct action_call {
  std::string action;
  json arguments;
};
BOOST_DESCRIBE_STRUCT(action_call, (), (action, arguments))

struct outcome {
  outcome_kind kind = outcome_kind::in_doubt;
  json answer;                      // bound to the step's `gives`; follows the action's answer schema when confirmed
  std::string sentence;             // for the operator: "written to outbox as 3f2a…"
  std::optional<action_call> undo;  // the call that takes it back, when there is one
  money cost;
};
BOOST_DESCRIBE_STRUCT(outcome, (), (kind, answer, sentence, undo, cost))

/// Something that arrived. `natural_key` makes it arrive once (a mail's Message-ID); it is hashed before it is stored.
struct signal {
  std::string name;
  std::string natural_key;
  json body;
  std::uint32_t labels = label_untrusted;
  std::string receipt;  // given back to `acknowledge` once the signal is on disk
};
BOOST_DESCRIBE_STRUCT(signal, (), (name, natural_key, body, labels, receipt))

/// The doors to the outside that `perform`, `look_up` and `poll` may use. Called on an I/O thread, one call at a time per connector.
struct outside {
  disk& files;
};

class connector {
public:
  virtual ~connector() = default;
  virtual const connector_manifest& manifest() const = 0;

  /// Pure. The arguments have passed the action's schema. Refuses what the schema can't say (header injection, paths that climb out).
  virtual result<request> prepare(const action_call& call, const effect_mark& mark) const = 0;
  virtual answer perform(const request& what, outside& out) = 0;
  /// Queryable actions: did it happen? Others are never asked.
  virtual answer look_up(const request& what, outside& out) {
    (void)what, (void)out;
    return {};
  }
  /// Pure. An incomplete answer is `failed` when nothing was sent, else `in_doubt`.
  virtual outcome read(const request& what, const answer& came_back) const = 0;

  /// What has arrived since the last acknowledgement, oldest first, at most `limit`.
  virtual result<std::vector<signal>> poll(outside& out, std::size_t limit) {
    (void)out, (void)limit;
    return std::vector<signal>{};
  }
  /// The signal is on disk; it need not come again (it may, and is then dropped by its natural key).
  virtual result<void> acknowledge(outside& out, const std::string& receipt) {
    (void)out, (void)receipt;
    return {};
  }
};

/// One line of connectors/catalog.cpp.
struct connector_entry {
  std::string name;
  connector_manifest manifest;  // with the default settings, for `steward check` and docs
  /// `settings` have passed the manifest's schema; relative paths are below `workspace`.
  std::unique_ptr<connector> (*make)(const json& settings, const std::string& workspace);
};
using connector_catalog = std::vector<connector_entry>;

/// The action of that name ("mailbox.send"), or nullptr.
inline const action_manifest* find_action(const connector_manifest& manifest, std::string_view name) {
  for (const auto& action : manifest.actions)
    if (action.name == name) return &action;
  return nullptr;
}

}  // namespace steward
