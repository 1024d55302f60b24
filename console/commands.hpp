/// Every command: one line here, one file in commands/.
#pragma once
#include <vector>

#include "console/command.hpp"

namespace steward {

// Set up
command init_command();
command check_command();
command schema_command();
command doctor_command();
command policy_list_command();
command policy_test_command();
command policy_replay_command();
command policy_revoke_command();
command autonomy_list_command();
command autonomy_grant_command();
command autonomy_lower_command();
command shadow_report_command();
command shadow_judge_command();
command eval_command();
command backup_command();
command restore_command();
command rebuild_command();
command journal_compact_command();
command journal_upgrade_command();
// Work
command up_command();
command run_command();
command pause_command();
command resume_command();
command stop_command();
command retry_command();
command step_command();
command fork_command();
command undo_command();
// Decide
command inbox_command();
command approve_command();
command modify_command();
command reject_command();
command answer_command();
command snooze_command();
command learn_command();
// Understand
command runs_command();
command show_command();
command why_command();
command trace_command();
command replay_command();
command budget_command();
command cost_command();
command state_command();
command digest_command();
command measures_command();
command memory_search_command();
command memory_add_command();
command entity_list_command();
command entity_show_command();
command entity_history_command();
command entity_graph_command();
command entity_merge_command();
command entity_split_command();
command entity_remap_command();
command entity_erase_command();
// Help
command explain_command();
command help_command();
command version_command();
command completions_command();
command man_command();

/// In the order of the help.
std::vector<command> all_commands();

}  // namespace steward
