#include "console/commands.hpp"

namespace steward {

std::vector<command> all_commands() {
  constexpr command (*makers[])() = {
      init_command, check_command, schema_command, doctor_command, eval_command,  // set up
      backup_command, restore_command, rebuild_command, journal_compact_command, journal_upgrade_command,
      up_command,     run_command,           pause_command,      resume_command,      stop_command,         retry_command, step_command, fork_command, undo_command,  // work
      policy_list_command, policy_test_command, policy_replay_command, policy_revoke_command,
      autonomy_list_command, autonomy_grant_command, autonomy_lower_command, shadow_report_command, shadow_judge_command,                                                // policies
      inbox_command,  approve_command,       modify_command,     reject_command,      answer_command, snooze_command, learn_command,                               // decide
      runs_command,   show_command,          why_command,        trace_command,       replay_command,       cost_command,   budget_command, state_command, digest_command, measures_command,  // understand
      memory_search_command, memory_add_command, entity_list_command, entity_show_command, entity_history_command, entity_graph_command,
      entity_merge_command, entity_split_command, entity_remap_command, entity_erase_command,                                     //
      explain_command, help_command,         version_command,    completions_command, man_command,                                  // help
  };
  std::vector<command> all;
  for (const auto make : makers) all.push_back(make());
  return all;
}

}  // namespace steward
