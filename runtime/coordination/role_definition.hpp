/// The manifests of roles and of the company as plain data; config/ fills them from YAML.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/autonomy.hpp"
#include "runtime/execution/evidence.hpp"
#include "runtime/execution/limit_definition.hpp"
#include "runtime/execution/service_definition.hpp"

namespace steward {

/// What becomes of an effect that would reach somebody who is not among those that it may reach.
enum class beyond { ask, deny };
BOOST_DESCRIBE_ENUM(beyond, ask, deny)

struct limits_definition {
  std::optional<spend_definition> spend;
  std::optional<count_definition> tokens;
  std::optional<count_definition> calls;  // model calls
  std::int64_t running = 4;               // instances at work at once
  std::int64_t waiting = 100;             // steps that may queue for the role; beyond it new ones are refused with a reason
  std::optional<duration> run_for;        // longest one turn's handler may take before it counts as hung; default 10s
};
BOOST_DESCRIBE_STRUCT(limits_definition, (), (spend, tokens, calls, running, waiting, run_for))

struct failure_definition {
  std::string restart = "on_crash";   // on_crash | never
  std::string at_most = "3 in 10m";   // restarts within a window
  std::string then = "ask_operator";  // its step failed for good, or the window is used up: the run waits for the operator, or ends (stop)
};
BOOST_DESCRIBE_STRUCT(failure_definition, (), (restart, at_most, then))

struct model_definition {
  std::string class_;                  // drafting, judging, …: models.yaml maps it to a provider
  std::optional<std::string> prompt;   // path of a prompt file
  std::optional<std::string> answer;   // path of a JSON Schema
};
BOOST_DESCRIBE_STRUCT(model_definition, (), (class_, prompt, answer))

struct role_definition {
  std::string role;
  std::string purpose;
  std::string agent;                            // a C++ class of the catalogue, or `prompted`
  std::vector<std::string> may_know;            // memory scopes
  std::map<std::string, autonomy> may_do;       // connector.action -> rung
  std::map<std::string, std::vector<std::string>> may_reach;  // connector.action -> whom; runtime/rules/reach.hpp
  beyond beyond_reach = beyond::ask;            // somebody who is not listed there
  std::optional<model_definition> model;
  std::optional<limits_definition> limits;
  std::optional<failure_definition> when_it_fails;
  std::optional<sla_definition> sla;            // of each of its steps
  json settings;                                // for the agent; an object
  std::string place = "local";
};
BOOST_DESCRIBE_STRUCT(role_definition, (), (role, purpose, agent, may_know, may_do, may_reach, beyond_reach, model, limits, when_it_fails, sla, settings, place))

/// `hold:` how long an effect of such a risk can be taken back after it was decided, before it leaves; 0s: not at all.
struct hold_definition {
  std::optional<duration> money;    // default 10m
  std::optional<duration> legal;    // default 10m
  std::optional<duration> public_;  // default 2m
};
BOOST_DESCRIBE_STRUCT(hold_definition, (), (money, legal, public_))

/// What becomes of questions beyond the day's number.
enum class beyond_attention {
  wait,    // the oldest come first on the next day, within its number
  digest,  // all of them come back on the next day, with the digest
};
BOOST_DESCRIBE_ENUM(beyond_attention, wait, digest)

/// `attention:` how many questions a day may put before the operator; urgent ones always come.
struct attention_definition {
  std::int64_t questions_per_day = 20;
  beyond_attention beyond = beyond_attention::wait;
};
BOOST_DESCRIBE_STRUCT(attention_definition, (), (questions_per_day, beyond))

/// company.yaml: who the company is and what it may spend altogether.
struct company_definition {
  std::string company;
  std::string zone = "UTC";                     // IANA name; days of budgets and schedules
  std::optional<spend_definition> spend;
  std::optional<count_definition> tokens;
  std::optional<count_definition> calls;        // of models
  std::vector<budget_definition> budgets;       // of models, connectors and entities
  std::int64_t running = 64;                    // runs at work at once, whole company
  std::int64_t waiting = 20'000;                // runs that may queue
  std::map<std::string, steward::autonomy> may_do;  // rungs of actions that workflows take themselves; default ask
  std::optional<ladder_definition> autonomy;    // when a rung is offered, and when it is taken back
  std::optional<hold_definition> hold;          // of effects, by risk
  std::optional<attention_definition> attention;  // default: as many questions as there are
  std::map<std::string, std::vector<std::string>> may_reach;  // whom these may reach, as in a role
  beyond beyond_reach = beyond::ask;
  std::vector<std::string> private_scopes;      // memory scopes whose content counts as private, whoever wrote it
  std::map<std::string, json> connectors;       // name -> settings
  std::map<std::string, std::string> models;    // model class -> provider; default local
  std::vector<std::string> policies;            // names of C++ rules that are on; default all
  std::optional<operator_definition> operator_;
  std::optional<escalation_definition> escalation;
  std::optional<digest_definition> digest;
};
BOOST_DESCRIBE_STRUCT(company_definition, (), (company, zone, spend, tokens, calls, budgets, running, waiting, may_do, autonomy, may_reach, beyond_reach, private_scopes, hold, attention, connectors, models, policies,
                                               operator_, escalation, digest))

/// How a connector's record becomes an entity. Texts marked ${} see `record` (a mail, or one item of `each`) and each of its members.
struct mapping_definition {
  std::int64_t version = 1;                   // raise it when the mapping changes; `steward entity remap` carries it back over the journal
  std::optional<std::string> each;            // ${} over the record: a list, each of whose items is a record of its own
  std::optional<std::string> when;            // CEL; default: every record
  std::string id;                             // ${}: the external id, such as mailbox:${from}
  std::map<std::string, std::string> fields;  // ${}
};
BOOST_DESCRIBE_STRUCT(mapping_definition, (), (version, each, when, id, fields))

/// An entity type: config/entities/*.yaml.
struct entity_definition {
  std::string entity;
  std::string purpose;
  std::map<std::string, json> fields;  // name -> JSON Schema (or the short form of a type name, "text")
  std::vector<std::string> personal;   // fields that hold personal data
  std::map<std::string, mapping_definition> maps;  // signal (mail_received) or read-only action (files.list) -> how its records become this
};
BOOST_DESCRIBE_STRUCT(entity_definition, (), (entity, purpose, fields, personal, maps))

}  // namespace steward
