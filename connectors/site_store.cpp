#include "connectors/site_store.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/digest.hpp"

namespace steward {
namespace {

constexpr std::size_t feed_most = 20;  // A reader that looks in once a month still finds all of a busy one.

const site_store::version* showing(const std::vector<site_store::version>& versions) {
  const auto at = std::find_if(versions.rbegin(), versions.rend(), [](const auto& v) { return v.withdrawn_by.empty(); });
  return at == versions.rend() ? nullptr : &*at;
}

site_receipt refused(std::string why) { return {.refusal = std::move(why)}; }

/// Newest first; of one day's pages the one published later comes first.
std::vector<const site_store::version*> all_showing(const site_store::catalogue& all) {
  std::vector<const site_store::version*> out;
  for (const auto& [path, versions] : all.pages)
    if (const auto* v = showing(versions)) out.push_back(v);
  std::stable_sort(out.begin(), out.end(), [](const auto* a, const auto* b) {
    return a->entry.published != b->entry.published ? a->entry.published > b->entry.published : a->entry.updated > b->entry.updated;
  });
  return out;
}

}  // namespace

std::string site_store::version_file(const std::string& path, const std::string& key) const {
  return site_.folder + "/.entries/" + hex_digest(path).substr(0, 16) + "-" + key + ".json";
}

result<std::string> site_store::page_file(const std::string& path) { return inside(site_.folder, path); }

result<site_store::catalogue> site_store::read_catalogue() {
  const auto file = site_.folder + "/.entries/pages.json";
  const auto bytes = files_.read(file);
  if (!bytes) return bytes.error().code == "no_such_file" ? result<catalogue>(catalogue{}) : result<catalogue>(bytes.error());
  auto all = from_json_text<catalogue>(*bytes);
  if (all) return all;
  return error{"site_catalogue_broken", file, "the catalogue of published pages can't be read: " + to_sentence(all.error()), "", "Restore it from a backup; the pages themselves are untouched"};
}

result<void> site_store::write_catalogue(const catalogue& all) { return files_.write(site_.folder + "/.entries/pages.json", to_json_text(all) + "\n"); }

result<std::string> site_store::in_the_way(const std::string& path, const std::vector<version>& ours, const std::string& own_digest) {
  const auto file = page_file(path);
  if (!file) return file.error();
  if (const auto bytes = files_.read(*file)) {
    const auto digest = hex_digest(*bytes);
    const bool known = digest == own_digest || std::any_of(ours.begin(), ours.end(), [&](const auto& v) { return v.page_digest == digest; });
    if (!known) return fmt::format("{} was written or changed by someone else; move it away to publish here", path);
  } else if (bytes.error().code != "no_such_file") {
    return bytes.error();
  }
  struct derived_file {
    const char* name;
    bool (*is_ours)(std::string_view);
  };
  for (const auto& [name, is_ours] : {derived_file{"index.html", is_our_index}, derived_file{"feed.xml", is_our_feed}}) {
    const auto place = page_file(name);
    if (!place) return place.error();
    const auto bytes = files_.read(*place);
    if (!bytes && bytes.error().code != "no_such_file") return bytes.error();
    if (bytes && !is_ours(*bytes)) return fmt::format("{} in the site's folder was written by someone else; give the connector a folder of its own", name);
  }
  return std::string();
}

result<void> site_store::show(const catalogue& all, const std::string& path) {
  const auto file = page_file(path);
  if (!file) return file.error();
  const auto content = [&](const version& v) -> result<site_publication> {
    const auto name = version_file(v.entry.path, v.key);
    const auto bytes = files_.read(name);
    if (!bytes) return bytes.error();
    if (hex_digest(*bytes) != v.digest) return error{"site_catalogue_broken", name, "the stored page is not the one that was approved", "", "Restore it from a backup, or take the page off the site"};
    return from_json_text<site_publication>(*bytes);
  };
  if (const auto* now = showing(all.pages.at(path))) {
    const auto publication = content(*now);
    if (!publication) return publication.error();
    if (auto r = files_.write(*file, publication->page); !r) return r;
  } else if (auto r = files_.remove(*file); !r) {
    return r;
  }

  std::vector<published_page> entries;
  std::vector<feed_item> items;
  for (const auto* v : all_showing(all)) {
    entries.push_back(v->entry);
    if (items.size() == feed_most) continue;
    auto publication = content(*v);
    if (!publication) return publication.error();
    items.push_back({v->entry, std::move(publication->html)});
  }
  time_point updated{};
  for (const auto& [p, versions] : all.pages)
    for (const auto& v : versions) updated = std::max({updated, v.entry.updated, v.withdrawn_at.value_or(updated)});
  if (auto r = files_.write(site_.folder + "/index.html", site_index(site_, entries)); !r) return r;
  return files_.write(site_.folder + "/feed.xml", site_feed(site_, items, updated));
}

result<site_receipt> site_store::publish(const std::string& key, const std::string& bytes) {
  const auto publication = from_json_text<site_publication>(bytes);
  if (!publication) return publication.error();
  const auto& path = publication->entry.path;
  auto all = read_catalogue();
  if (!all) return all.error();
  auto& versions = all->pages[path];
  const auto digest = hex_digest(bytes), page_digest = hex_digest(publication->page);
  const auto stands = in_the_way(path, versions, page_digest);
  if (!stands) return stands.error();
  if (!stands->empty()) return refused(*stands);

  const auto known = std::find_if(versions.begin(), versions.end(), [&](const auto& v) { return v.key == key; });
  if (known != versions.end() && known->digest != digest) return refused("the effect key was used before for another content of " + path);
  if (known == versions.end()) {
    if (auto r = files_.write(version_file(path, key), bytes); !r) return r.error();
    versions.push_back({.key = key, .digest = digest, .page_digest = page_digest, .entry = publication->entry});
    if (auto r = write_catalogue(*all); !r) return r.error();
  }
  if (auto r = show(*all, path); !r) return r.error();
  return site_receipt{.done = true};
}

result<site_receipt> site_store::withdraw(const std::string& key, const site_withdrawal& what) {
  auto all = read_catalogue();
  if (!all) return all.error();
  const auto page = all->pages.find(what.path);
  if (page == all->pages.end()) return refused(what.path + " has not been published by Steward");
  auto& versions = page->second;
  const auto stands = in_the_way(what.path, versions, "");
  if (!stands) return stands.error();
  if (!stands->empty()) return refused(*stands);

  auto target = std::find_if(versions.begin(), versions.end(), [&](const auto& v) { return v.withdrawn_by == key; });  // a repeat
  if (target == versions.end() && !what.version.empty()) {
    target = std::find_if(versions.begin(), versions.end(), [&](const auto& v) { return v.key == what.version; });
    if (target == versions.end()) return refused("no publication of " + what.path + " has that effect key");
  } else if (target == versions.end()) {
    const auto* now = showing(versions);
    if (!now) return refused(what.path + " is not on the site any more");
    target = versions.begin() + (now - versions.data());
  }
  if (target->withdrawn_by.empty()) {
    target->withdrawn_by = key;
    target->withdrawn_at = what.time;
    if (auto r = write_catalogue(*all); !r) return r.error();
  }
  if (auto r = show(*all, what.path); !r) return r.error();
  return site_receipt{.done = true, .restored = showing(versions) != nullptr};
}

result<std::vector<published_page>> site_store::pages() {
  const auto all = read_catalogue();
  if (!all) return all.error();
  std::vector<published_page> out;
  for (const auto* v : all_showing(*all)) out.push_back(v->entry);
  return out;
}

bool site_store::untouched_by(const std::string& key) {
  const auto all = read_catalogue();
  if (!all) return false;
  for (const auto& [path, versions] : all->pages)
    for (const auto& v : versions)
      if (v.key == key || v.withdrawn_by == key) return false;
  return true;
}

}  // namespace steward
