#include "connectors/catalog.hpp"

#include "connectors/calendar.hpp"
#include "connectors/files.hpp"
#include "connectors/git.hpp"
#include "connectors/ledger.hpp"
#include "connectors/local_model.hpp"
#include "connectors/mailbox.hpp"
#include "connectors/site.hpp"

namespace steward {

const connector_catalog& connectors() {
  static const connector_catalog all = {
      calendar_entry(),
      files_entry(),
      git_entry(),
      ledger_entry(),
      mailbox_entry(),
      site_entry(),
  };
  return all;
}

const model_catalog& models() {
  static const model_catalog all = {
      local_model_entry(),
  };
  return all;
}

}  // namespace steward
