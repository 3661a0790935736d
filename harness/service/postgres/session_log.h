#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace poolbench::service {

/// The start of each line of PostgreSQL's log, as the setting log_line_prefix says.
class LogLinePrefix {
 public:
  /// None for a setting that does not tell which process wrote a line (%p), or whose fields run
  /// into each other.
  static std::optional<LogLinePrefix> parse(std::string_view setting);

  struct Line {
    pid_t pid = 0;
    std::string_view database;  ///< empty if the prefix does not have it (%d)
    std::string_view message;   ///< "LOG:  connection received: …"
  };
  /// None for a line that does not begin like this.
  [[nodiscard]] std::optional<Line> read(std::string_view line) const;

 private:
  struct Piece {
    char field = 0;  ///< letter of the escape; 0: `text` stands there literally
    std::string text;
  };
  std::vector<Piece> pieces_;
};

/// Why the log of a server with these settings does not tell when sessions begin and end; empty if
/// it does. Looks at log_connections (of any version), log_disconnections, log_destination,
/// logging_collector, log_line_prefix, log_min_messages and lc_messages.
std::string why_log_hides_sessions(const std::map<std::string, std::string>& settings);
/// The names of those settings.
const std::vector<std::string>& session_log_settings();

/// What PostgreSQL's log says of the sessions of one database.
struct SessionSums {
  std::int64_t peak = 0;         ///< most at once since the load began
  std::int64_t established = 0;  ///< those that were let in
  std::int64_t refused = 0;      ///< those that found no free slot
  std::string refusal;           ///< PostgreSQL's words for the first of them
  std::vector<pid_t> open;       ///< processes whose sessions have not ended
  bool is_whole = true;          ///< false: a line that must be there is missing
  std::int64_t set_up = 0;       ///< since the load began, of which the log tells how long it took
  double setup_us = 0;           ///< of these, all together
};

/// Follows the sessions of one database through the lines of a log, in their order. A session
/// counts from "connection received", which names no database yet, to its "disconnection", or to
/// the FATAL message that refuses it; lines belong together by their process. Where the prefix has
/// the database, those that are refused before they are authorized count too; of one that ends
/// without any further line, nobody knows whose it was, and it does not.
class SessionLog {
 public:
  /// The session of the process `ignored` does not count.
  SessionLog(LogLinePrefix prefix, std::string database, pid_t ignored = 0)
      : prefix_(std::move(prefix)), database_(std::move(database)), ignored_(ignored) {}

  void add(std::string_view line);
  /// From the sessions that are open now on, the peak counts.
  void begin_load() { load_begins_ = events_.size(); }
  [[nodiscard]] SessionSums sums() const;

 private:
  struct Session {
    pid_t pid = 0;
    bool is_ours = false, is_authorized = false;
    bool has_failed = false, is_refused = false;  ///< by a FATAL message
    std::size_t begin = 0;                        ///< index of its event
    std::optional<std::size_t> end;               ///< the same
    std::optional<double> setup_us;               ///< since 18, if it is asked for
  };
  /// Of a session, by index; nothing happens where its end turned out to be later.
  struct Event {
    std::size_t session = 0;
    int change = 0;
  };
  void begin(pid_t pid);
  void end(Session& session, std::size_t index);
  void refuse(Session& session, std::string_view words, bool is_elsewhere);

  LogLinePrefix prefix_;
  std::string database_;
  pid_t ignored_;
  std::vector<Session> sessions_;
  std::unordered_map<pid_t, std::size_t> latest_;  ///< index of each process' session
  std::vector<Event> events_;
  std::size_t load_begins_ = 0;
  std::string refusal_;
  bool is_whole_ = true;
};

/// The part of a log that belongs to a trial, in bytes from the log's beginning.
struct LogStretch {
  std::uintmax_t begin = 0;
  std::uintmax_t load_begin = 0;  ///< when the load began
  pid_t own_session = 0;          ///< process of a session that does not count; 0: none
};
/// The sums over all whole lines of the file from there on. kBadInput if it cannot be read.
base::Result<SessionSums> read_sessions(const std::filesystem::path& log, LogLinePrefix prefix,
                                        const std::string& database, const LogStretch& stretch);

/// Takes the lines that only tell of sessions out of a log that a server appends to. What it writes
/// at that moment may be lost.
base::Result<void> drop_session_lines(const std::filesystem::path& log,
                                      const LogLinePrefix& prefix);

/// PostgreSQL's log, as far as it tells of sessions.
class ServerLog {
 public:
  /// The log of a server that is not ours.
  ServerLog() : why_unknown_("the log of an external PostgreSQL cannot be read from here") {}
  explicit ServerLog(std::filesystem::path file) : file_(std::move(file)) {}

  /// The server runs with these settings now (session_log_settings()).
  void learn(const std::map<std::string, std::string>& settings);
  /// From now on it does not tell of sessions any more.
  void lose(std::string why) { why_unknown_ = std::move(why); }

  /// Where it ends now.
  [[nodiscard]] std::uintmax_t size() const;
  /// Of a database, from a stretch's beginning to now; waits a moment for the ends of sessions
  /// whose clients are gone. Fails with the reason where the log does not tell, or not all of it.
  [[nodiscard]] base::Result<SessionSums> sessions(const std::string& database,
                                                   const LogStretch& stretch) const;
  /// Takes lines about sessions out once there are many; for when no trial runs.
  void trim();

 private:
  std::filesystem::path file_;  ///< empty: external
  std::string why_unknown_;     ///< empty: it tells of sessions
  std::optional<LogLinePrefix> prefix_;
  std::uintmax_t size_when_trimmed_ = 0;
};

}  // namespace poolbench::service
