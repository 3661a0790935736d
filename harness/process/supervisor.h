#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "process/interrupt.h"
#include "process/launch.h"

namespace poolbench::process {

/// One started process and the group it leads. Passive: only the Supervisor acts on it. Lives as
/// long as the Supervisor.
struct Child;

/// What ended a wait. A descriptor of `also` that became readable (or was closed by its other end)
/// is FdReady.
struct ChildExited {
  Child* child = nullptr;
  Exit exit;
};
struct FdReady {
  int fd = -1;
};
struct Interrupted {
  int signal = 0;
};
struct TimedOut {};
using WaitOutcome = std::variant<ChildExited, FdReady, Interrupted, TimedOut>;

/// Owns every process we start, all waiting for them, and their end. Used from the main thread
/// only. The destructor stops, in reverse order of start, whatever is still alive: nothing outlives
/// it. All processes of the program must be started here: others that appear below us later are
/// taken for orphans of a service and ended by stop_all().
class Supervisor {
 public:
  /// Becomes a child subreaper, so that grandchildren that left their parent are ours to reap.
  /// `run_id` (see make_run_id) is put into each child's environment as POOLBENCH_RUN_ID.
  static base::Result<std::unique_ptr<Supervisor>> create(Interrupt& interrupt, std::string run_id);
  ~Supervisor();

  /// Starts the command as leader of a new process group. kBadInput when the program, its user, its
  /// folder or a CPU does not exist or cannot be used; the message names it.
  base::Result<Child*> start(const Command& command);

  /// Waits until a signal arrives (each signal is reported once), one of `children` ends (each end
  /// is reported once; without any, the end of every child counts), a descriptor of `also` is
  /// readable, or `deadline`; in this order if several.
  WaitOutcome wait(base::SteadyTime deadline, const std::vector<int>& also = {},
                   const std::vector<Child*>& children = {});

  /// Waits for this child alone; the ends of others stay queued for wait(). Times out or is
  /// interrupted with an error; the child is then still alive. A signal that was already reported
  /// does not interrupt again, so that commands of the teardown can run.
  base::Result<Exit> wait_for(Child& child, base::SteadyTime deadline);

  /// Starts, waits, and returns the exit; stops the command at `limit` or on interrupt. A failure
  /// to exit with 0 is not an error here: look at the Exit.
  base::Result<Exit> run(const Command& command, base::Duration limit);

  /// Signal, grace, SIGKILL to the group, and to whatever its descendants became (setsid, double
  /// fork); returns when none of them is alive. A second interrupt cuts the grace short and kills
  /// the groups of all children. Returns what is worth telling: the service had to be killed, or
  /// left processes behind that were ended. Does nothing for a child already stopped.
  std::vector<std::string> stop(Child& child);

  /// stop() for all, in reverse order of start, then for orphans nobody can tell the origin of.
  std::vector<std::string> stop_all();

  [[nodiscard]] const std::string& run_id() const;
  [[nodiscard]] Interrupt& interrupt();

  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

 private:
  struct State;
  explicit Supervisor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Facts about a child that others may use, also after its end.
[[nodiscard]] pid_t pid_of(const Child& child);
[[nodiscard]] const std::string& name_of(const Child& child);
[[nodiscard]] const std::filesystem::path& log_of(const Child& child);
/// The last lines of a log, indented, introduced by "its log ends:"; empty for an empty log.
[[nodiscard]] std::string log_excerpt(const std::filesystem::path& log);
/// False once a wait or a stop has seen its end.
[[nodiscard]] bool is_alive(const Child& child);
/// Its log has grown by more than Command::max_log_bytes since it started. Nothing enforces the
/// limit (RLIMIT_FSIZE would also cut the data files of a database): ask now and then, and stop it.
[[nodiscard]] bool log_too_large(const Child& child);

}  // namespace poolbench::process
