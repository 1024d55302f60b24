#include "runtime/execution/effect.hpp"

#include "runtime/digest.hpp"

namespace steward {

std::string mint_effect_key(std::string_view company_salt, std::string_view run, std::string_view step, std::int64_t visit, std::string_view instance, std::int64_t ordinal) {
  return to_hex(digest_of({company_salt, run, step, std::to_string(visit), instance, std::to_string(ordinal)})).substr(0, 32);
}

std::string effect_digest(const request& prepared) {
  // The bytes say it all; the recipients and the preview are what the rules judged and the operator read, so they are bound as well.
  std::string reaches;
  for (const auto& who : prepared.recipients) reaches += std::to_string(who.size()) + ":" + who;
  return to_hex(digest_of({prepared.action, prepared.key, prepared.bytes, reaches, prepared.preview}));
}

}  // namespace steward
