#include "runtime/journal/seal.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/digest.hpp"

namespace steward {
namespace {

constexpr std::size_t key_bytes = crypto_secretbox_xchacha20poly1305_KEYBYTES;
constexpr std::size_t nonce_bytes = crypto_secretbox_xchacha20poly1305_NONCEBYTES;
constexpr std::size_t mac_bytes = crypto_secretbox_xchacha20poly1305_MACBYTES;
constexpr std::size_t id_bytes = 8;  // Tells "another key by now" from "altered"; 2^32 keys before two ids meet by chance.
constexpr char format = 1;

error failed(const std::string& path, int number) {
  return {number == ENOSPC || number == EDQUOT ? "disk_full" : "disk_failed", path, std::strerror(number), "", ""};
}

std::string random_bytes(random_source& random, std::size_t count) {
  std::string bytes;
  while (bytes.size() < count) {
    const auto number = random.next();
    bytes.append(reinterpret_cast<const char*>(&number), std::min(sizeof number, count - bytes.size()));
  }
  return bytes;
}

std::string key_id(const std::string& key) {
  const auto digest = digest_of(key);
  return {reinterpret_cast<const char*>(digest.data()), id_bytes};
}

const unsigned char* bytes_of(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string to_base64(const std::string& bytes) {
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // libsodium's closing NUL
  return text;
}

/// The sealed bytes, or nothing when this is no sealed field of ours.
std::string sealed_bytes(const json& value) {
  if (!value.is_object() || value.get_object().size() != 1) return {};
  const auto* field = value.get_object().if_contains("sealed");
  if (!field || !field->is_string()) return {};
  const auto& text = field->get_string();
  std::string bytes(text.size(), '\0');
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(), nullptr, &length, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) return {};
  bytes.resize(length);
  if (length < 1 + id_bytes + nonce_bytes + mac_bytes || bytes[0] != format) return {};
  return bytes;
}

std::string read_key(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string key(key_bytes, '\0');
  const auto got = ::read(fd, key.data(), key.size());
  ::close(fd);
  return got == ssize_t(key_bytes) ? key : std::string();
}

/// Calls visit(field) for each field that the path means; lists on the way are walked through.
template <class Visit>
result<void> visit_path(json& value, std::string_view path, Visit&& visit) {
  if (path.empty()) return visit(value);
  if (value.is_array()) {
    for (auto& item : value.get_array())
      if (auto r = visit_path(item, path, visit); !r) return r;
    return {};
  }
  if (!value.is_object()) return {};
  const auto dot = path.find('.');
  auto* next = value.get_object().if_contains(path.substr(0, dot));
  return next ? visit_path(*next, dot == path.npos ? std::string_view() : path.substr(dot + 1), visit) : result<void>{};
}

result<void> sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failed(folder, errno);
  const int rc = ::fsync(fd);
  const int number = errno;
  ::close(fd);
  if (rc != 0) return failed(folder, number);
  return {};
}

}  // namespace

seals::seals(std::string folder, random_source* random) : folder_(std::move(folder)), random_(random) {
  if (sodium_init() < 0) throw error_thrown({"sodium_failed", "", "libsodium could not start", "", ""});
}

std::string seals::path_of(const std::string& subject) const { return folder_ + "/" + hex_digest(subject).substr(0, 40) + ".key"; }

result<std::string> seals::make_key(const std::string& subject) {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return failed(folder_, errno);
  const auto path = path_of(subject);
  const auto temporary = path + ".new";  // One writer makes keys, hence one name suffices.
  const auto key = random_bytes(*random_, key_bytes);
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return failed(temporary, errno);
  const bool written = ::write(fd, key.data(), key.size()) == ssize_t(key.size()) && ::fdatasync(fd) == 0;
  const int number = errno;
  ::close(fd);
  if (!written) return failed(temporary, number);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failed(path, errno);
  if (auto r = sync_folder(folder_); !r) return r.error();
  return key;
}

result<json> seals::seal(const std::string& subject, const json& value) {
  auto key = read_key(path_of(subject));
  if (key.empty()) {
    auto made = make_key(subject);
    if (!made) return made.error();
    key = std::move(*made);
  }
  const auto text = canonical(value);
  const auto nonce = random_bytes(*random_, nonce_bytes);
  std::string bytes = format + key_id(key) + nonce;
  const auto start = bytes.size();
  bytes.resize(start + mac_bytes + text.size());
  crypto_secretbox_xchacha20poly1305_easy(reinterpret_cast<unsigned char*>(bytes.data() + start), bytes_of(text), text.size(), bytes_of(nonce), bytes_of(key));
  boost::json::object sealed;
  sealed["sealed"] = to_base64(bytes);
  return json(std::move(sealed));
}

bool seals::is_sealed(const json& value) { return !sealed_bytes(value).empty(); }

result<json> seals::open(const std::string& subject, const json& sealed, erased_as erased) const {
  const auto bytes = sealed_bytes(sealed);
  const auto damaged = [&](std::string found) { return error{"seal_damaged", subject, std::move(found), "a field sealed with this subject's key", "Restore the journal from a backup"}; };
  if (bytes.empty()) return damaged("this is no sealed field");
  const auto key = read_key(path_of(subject));
  if (key.empty() || key_id(key) != bytes.substr(1, id_bytes)) {
    if (erased == erased_as::text) return json(erased_text);
    boost::json::object mark;
    mark["erased"] = true;
    return json(std::move(mark));
  }
  const auto nonce = bytes.substr(1 + id_bytes, nonce_bytes);
  const auto box = bytes.substr(1 + id_bytes + nonce_bytes);
  std::string text(box.size() - mac_bytes, '\0');
  if (crypto_secretbox_xchacha20poly1305_open_easy(reinterpret_cast<unsigned char*>(text.data()), bytes_of(box), box.size(), bytes_of(nonce), bytes_of(key)) != 0)
    return damaged("a sealed field was altered");
  return parse_json(text);
}

result<void> seals::seal_fields(const std::string& subject, json& body, const std::vector<std::string>& paths) {
  for (const auto& path : paths) {
    auto done = visit_path(body, path, [&](json& field) -> result<void> {
      if (is_sealed(field)) return {};
      auto sealed = seal(subject, field);
      if (!sealed) return sealed.error();
      field = std::move(*sealed);
      return {};
    });
    if (!done) return done;
  }
  return {};
}

result<void> seals::open_fields(const std::string& subject, json& body, erased_as erased) const {
  if (is_sealed(body)) {
    auto opened = open(subject, body, erased);
    if (!opened) return opened.error();
    body = std::move(*opened);
    return {};
  }
  if (body.is_array()) {
    for (auto& item : body.get_array())
      if (auto r = open_fields(subject, item, erased); !r) return r;
  } else if (body.is_object()) {
    for (auto& pair : body.get_object())
      if (auto r = open_fields(subject, pair.value(), erased); !r) return r;
  }
  return {};
}

result<void> seals::destroy(const std::string& subject) {
  const auto path = path_of(subject);
  if (::unlink(path.c_str()) != 0) return errno == ENOENT ? result<void>{} : failed(path, errno);
  return sync_folder(folder_);
}

bool seals::has_key(const std::string& subject) const { return !read_key(path_of(subject)).empty(); }

}  // namespace steward
