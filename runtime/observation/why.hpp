/// For every action: who asked, which rule decided, on which evidence, what it cost, how to undo it. From the journal alone.
#pragma once
#include <string>

#include "runtime/journal/reader.hpp"
#include "runtime/json.hpp"

namespace steward {

/// `what` is an effect ("eff-9"), an effect key (or its beginning: it names the mail's file), an approval, or a run (its effects).
/// {"effects": [{effect, action, preview, recipients, key, asked_by, why, evidence, rulings, approval: {…}, attempts, outcome,
///               cost, undo, run: {…}, chain: [{seq, time, actor, sentence}]}]}.  Error: not_found_in_journal.
result<json> why(reader& source, const std::string& what);

/// Every event of a run (or, for a stream, of that stream), oldest first: [{seq, time, kind, actor, cause, sentence, body}].
result<json> trace(reader& source, const std::string& run_or_stream);

/// The same for people: only what was started, said, decided and done, with one sentence each.
result<json> timeline(reader& source, const std::string& run);

}  // namespace steward
