/// The connector `site`: publishes Markdown as pages of a folder, with an index and an Atom feed. What it publishes it can take back.
///
/// The folder after one publication:
///   2026/11/update.html   the page, exactly as approved
///   index.html feed.xml   rebuilt from the catalogue each time
///   .entries/pages.json   the catalogue: for each path its versions, oldest first; writing it is the moment of publication
///   .entries/<digest of the path>-<effect key>.json   the approved bytes of each version
#pragma once
#include "runtime/connector.hpp"

namespace steward {

connector_entry site_entry();

}  // namespace steward
