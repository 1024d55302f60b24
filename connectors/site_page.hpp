/// The three things a site is made of, as bytes: a page, the index, and the Atom feed (RFC 4287).
#pragma once
#include <string>
#include <vector>

#include "runtime/described.hpp"

namespace steward {

struct site_settings {
  std::string folder;    // absolute
  std::string title = "Updates";
  std::string base_url;  // "https://example.com/news/", or empty: then links are relative
  std::string author = "The company";
  std::string language = "en";
};

/// What is known of a published page besides its bytes.
struct published_page {
  std::string id;         // urn:uuid, the same for the same address for ever
  std::string path;       // "2026/11/update.html"
  std::string title;
  std::string summary;    // plain text, may be empty
  time_point published;   // the date it carries
  time_point updated;     // when its publication was proposed
  bool operator==(const published_page&) const = default;
};
BOOST_DESCRIBE_STRUCT(published_page, (), (id, path, title, summary, published, updated))

/// An entry with its content, for the feed.
struct feed_item {
  published_page entry;
  std::string html;
};

std::string url_of(const site_settings& site, std::string_view path);
std::string site_page(const site_settings& site, const published_page& entry, std::string_view html);
std::string site_index(const site_settings& site, const std::vector<published_page>& newest_first);
std::string site_feed(const site_settings& site, const std::vector<feed_item>& newest_first, time_point updated);

/// Did `site_index` or `site_feed` write these bytes? What others wrote is never overwritten.
bool is_our_index(std::string_view bytes);
bool is_our_feed(std::string_view bytes);

/// "urn:uuid:…" out of a name: version 8 of RFC 9562, so that nothing needs to be remembered to find it again.
std::string urn_of(std::string_view kind, std::string_view name);
/// "21 November 2026".
std::string day_in_words(time_point t);

}  // namespace steward
