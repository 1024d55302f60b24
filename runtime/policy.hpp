/// CONTRACT for policies/: a rule that answers allow, ask, deny or shadow for an effect, with its reason. Pure.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/connector.hpp"
#include "runtime/described.hpp"

namespace steward {

/// From mild to strict: where several rules speak, the strictest wins.
enum class verdict { allow, ask, shadow, deny };
BOOST_DESCRIBE_ENUM(verdict, allow, ask, shadow, deny)

/// What one rule said.
struct ruling {
  std::string rule;  // "do_not_contact"
  verdict says = verdict::allow;
  std::string because;  // shown to the operator
  bool operator==(const ruling&) const = default;
};
BOOST_DESCRIBE_STRUCT(ruling, (), (rule, says, because))

/// Read-only knowledge that a rule may look up. All of it is folded from the journal, so replay sees the same.
class fact_source {
public:
  virtual ~fact_source() = default;
  /// The fields of each entity that carries this external id ("mailbox:ada@example.com"), one of each type at most.
  virtual std::vector<const json*> entities_with(std::string_view external_id) const = 0;

  struct known_entity {
    std::string id;                // "customer-3"; empty: nobody of that type is known by that id
    const json* fields = nullptr;  // an object
  };
  /// The entity of `type` with this id ("customer-3") or external id ("mailbox:ada@example.com").
  virtual known_entity entity_of(std::string_view type, std::string_view id) const { return (void)type, (void)id, known_entity{}; }
};

/// How often something has left before; the keys are those that count_keys (runtime/rules) gives. Folded from the journal.
class count_source {
public:
  virtual ~count_source() = default;
  virtual std::int64_t left_since(std::string_view key, time_point since) const = 0;
};

struct data_origin;  // runtime/rules/data_origin.hpp

/// What a rule is asked.
struct policy_question {
  const action_manifest& action;
  const json& arguments;
  const std::vector<std::string>& recipients;  // of the prepared request
  std::string role;                            // empty: the workflow itself asks
  std::string workflow;
  std::string run;
  labels data_labels = 0;
  time_point now;
  const fact_source& facts;
  const count_source* counts = nullptr;        // none: nothing has left before
  bool again = false;                          // a further attempt: it is counted already
  std::shared_ptr<const data_origin> origin;   // where its data comes from, for the engine's own rules; none: nothing is known of it
  std::vector<std::string> about = {};         // entities that the run is about
};

class policy {
public:
  virtual ~policy() = default;
  virtual std::string name() const = 0;
  /// One sentence: why the rule exists.
  virtual std::string because() const = 0;
  /// Actions it can speak about; empty: all. The gate indexes rules by this.
  virtual std::vector<std::string> actions() const { return {}; }
  /// nullopt: the rule has nothing to say about this effect.
  virtual std::optional<ruling> judge(const policy_question& q) const = 0;
};
using policy_catalog = std::vector<std::shared_ptr<const policy>>;

}  // namespace steward
