/// The suite that every connector passes: whoever writes one hands in samples and gets back the promises it breaks.
///
/// A promise is one row here and one function in the suite:
///
///   the manifest is whole          names, schemas and undo fit together
///   prepare is pure                same mark and arguments, same bytes; another key, other bytes; nothing on disk (the dry run)
///   wrong arguments are refused    unknown keys, missing keys and wrong types fail the action's schema
///   hostile arguments are harmless line breaks, NULs, paths that climb out, invisible characters and huge texts are refused or neutralised
///   a repeat is the same effect    keyed and queryable actions leave the world as after one call
///   trouble is told truthfully     a dead disk, a lost answer and a kill at every operation: what `read` says is what the world shows
///   undo takes it back             the world is as before
///   no answer breaks the reader    garbage is never an exception, and never "confirmed"
///   signals arrive once            until they are acknowledged, and a receipt opens no other door
#pragma once
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "runtime/connector.hpp"

namespace steward {

/// A call that must be refused, by its schema or by `prepare`.
struct conformance_trap {
  std::string title;
  action_call call;
};

struct conformance_samples {
  json settings;
  /// Lays out what the connector finds in the workspace. May be empty.
  std::function<void(const std::string& workspace)> arrange;
  /// Another process with its own will, such as a program that takes mails away; it runs between any two operations. May be empty.
  std::function<void(const std::string& workspace)> outsider;
  /// What an outsider sees, read from files by code that is not the connector's. Equal text, equal world. Empty: every file there is.
  std::function<std::string(const std::string& workspace)> world;
  std::vector<action_call> calls;       // at least one for each action; the first arrangement must let each succeed
  std::vector<conformance_trap> traps;
  /// What is wrong with a request that hostile arguments got prepared; empty: nothing. Beyond what the suite checks by itself.
  std::function<std::string(const action_call& call, const request& made)> harm;
};

struct conformance_report {
  std::vector<std::string> broken;    // "mailbox.send: a repeat is the same effect: …"; empty: it conforms
  std::set<std::string> error_codes;  // met on the way; each needs its page
  int checks = 0;
};

/// Works in a folder of its own, named after `scratch`, on a memory disk where there is one, else below `scratch`.
conformance_report check_conformance(const connector_entry& entry, const conformance_samples& samples, const std::string& scratch);

}  // namespace steward
