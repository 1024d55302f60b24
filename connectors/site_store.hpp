/// What a site has published, on disk: a catalogue of versions, from which page, index and feed are made again at any time.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/site_page.hpp"
#include "runtime/disk.hpp"

namespace steward {

/// The prepared bytes of site.publish.
struct site_publication {
  std::string key;  // the effect key: two publications are two, even when they say the same
  published_page entry;
  std::string html;  // of the article, for the feed
  std::string page;  // the whole file
};
BOOST_DESCRIBE_STRUCT(site_publication, (), (key, entry, html, page))

/// The prepared bytes of site.unpublish.
struct site_withdrawal {
  std::string key;
  std::string path;
  std::string version;  // the effect key of the publication that is taken back; empty: the one that shows now
  time_point time;
};
BOOST_DESCRIBE_STRUCT(site_withdrawal, (), (key, path, version, time))

/// What the site says to a publication or withdrawal; becomes the answer's bytes.
struct site_receipt {
  bool done = false;
  std::string refusal;  // why not, when it will never work
  bool restored = false;  // an earlier version of the page shows again
};
BOOST_DESCRIBE_STRUCT(site_receipt, (), (done, refusal, restored))

/// Each step of a publication is atomic: version, catalogue (the moment it counts), page, index, feed. A repeat with the same key
/// and bytes does again what a crash left out, and nothing else.
class site_store {
public:
  site_store(disk& files, const site_settings& site) : files_(files), site_(site) {}

  result<site_receipt> publish(const std::string& key, const std::string& bytes);
  result<site_receipt> withdraw(const std::string& key, const site_withdrawal& what);
  result<std::vector<published_page>> pages();  // that show now, newest first

  /// After trouble: is it certain that the effect `key` changed nothing that counts?
  bool untouched_by(const std::string& key);

  struct version {
    std::string key;
    std::string digest;       // of the approved bytes
    std::string page_digest;  // of the file that shows
    published_page entry;
    std::string withdrawn_by;  // effect key; empty: not withdrawn
    std::optional<time_point> withdrawn_at;
    BOOST_DESCRIBE_CLASS(version, (), (key, digest, page_digest, entry, withdrawn_by, withdrawn_at), (), ())
  };
  struct catalogue {
    std::map<std::string, std::vector<version>> pages;  // by path
    BOOST_DESCRIBE_CLASS(catalogue, (), (pages), (), ())
  };

private:
  result<catalogue> read_catalogue();
  result<void> write_catalogue(const catalogue& all);
  result<std::string> page_file(const std::string& path);
  std::string version_file(const std::string& path, const std::string& key) const;
  /// Empty when every file that would be overwritten is ours or absent, else what stands in the way.
  result<std::string> in_the_way(const std::string& path, const std::vector<version>& ours, const std::string& own_digest);
  result<void> show(const catalogue& all, const std::string& path);

  disk& files_;
  const site_settings& site_;
};

}  // namespace steward
