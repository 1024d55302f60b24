/// GMime's reference-counted C objects as C++ values.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <gmime/gmime.h>

namespace steward::mime {

struct unref {
  template <class T>
  void operator()(T* object) const {
    g_object_unref(object);
  }
};
template <class T>
using handle = std::unique_ptr<T, unref>;

struct release {
  void operator()(char* text) const { g_free(text); }
};
using c_text = std::unique_ptr<char, release>;

/// GMime wants to be started once per process, before anything else.
inline void start() {
  static std::once_flag once;
  std::call_once(once, [] { g_mime_init(); });
}

inline std::string text_or_empty(const char* text) { return text ? std::string(text) : std::string(); }

/// nullptr when the bytes can't even be called a broken mail.
inline handle<GMimeMessage> parse(std::string_view bytes) {
  start();
  handle<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
  handle<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  return handle<GMimeMessage>(g_mime_parser_construct_message(parser.get(), nullptr));
}

/// The decoded content of a part (base64 and quoted-printable undone), before its character set is.
inline std::string content_of(GMimePart* part) {
  auto* content = g_mime_part_get_content(part);
  if (!content) return {};
  handle<GMimeStream> stream(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(content, stream.get());
  const auto* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return std::string(reinterpret_cast<const char*>(bytes->data), bytes->len);
}

}  // namespace steward::mime
