/// Personal fields, sealed with one key per subject: who destroys the key has erased the fields everywhere, backups included.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/erased.hpp"
#include "runtime/error.hpp"
#include "runtime/json.hpp"
#include "runtime/random.hpp"

namespace steward {

/// What an erased field becomes on reading.
enum class erased_as {
  mark,  // {"erased": true}
  text,  // erased_text, which a struct with a text field can still take in
};

/// The keys live in `folder` (0700), one file (0600) per subject, named by the subject's digest. A key is on disk before its
/// first use. Sealed is {"sealed": base64(1 · key id 8 · nonce 24 · XChaCha20-Poly1305 of the value's canonical JSON)}
/// (libsodium secretbox). Nothing is cached: several threads may have a `seals` each, and a destroyed key is gone at once.
class seals {
public:
  seals(std::string folder, random_source* random);  // `random` may be null where nothing is sealed

  /// Seals one value. disk_full, disk_failed.
  result<json> seal(const std::string& subject, const json& value);
  /// The value of a sealed object; erased when the subject's key is gone or is another one by now. seal_damaged when the key
  /// fits and the text was altered.
  result<json> open(const std::string& subject, const json& sealed, erased_as erased = erased_as::mark) const;
  static bool is_sealed(const json& value);

  /// Seals the fields of `body` at `paths` (see draft::personal). Sealed ones stay as they are.
  result<void> seal_fields(const std::string& subject, json& body, const std::vector<std::string>& paths);
  /// Opens every sealed field in `body`.
  result<void> open_fields(const std::string& subject, json& body, erased_as erased = erased_as::mark) const;

  /// Destroys the subject's key; what was sealed with it can't be opened again by anyone.
  result<void> destroy(const std::string& subject);
  bool has_key(const std::string& subject) const;

private:
  std::string path_of(const std::string& subject) const;
  result<std::string> make_key(const std::string& subject);
  std::string folder_;
  random_source* random_;
};

}  // namespace steward
