#include "actors/catalog.hpp"

#include "actors/editor.hpp"
#include "actors/lead_reply.hpp"
#include "actors/outreach.hpp"
#include "actors/prompted.hpp"
#include "actors/researcher.hpp"
#include "actors/scheduler.hpp"

namespace steward {

agent_catalog agents() {
  return {
      host<editor>(),
      host<lead_reply>(),
      host<outreach>(),
      host<prompted>(),
      host<researcher>(),
      host<scheduler>(),
      // ./dev new-agent adds its lines above this one.
  };
}

}  // namespace steward
