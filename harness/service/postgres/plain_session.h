#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "service/postgres/session.h"

extern "C" {
struct pg_conn;
}

namespace poolbench::service {

/// A query that gives a number.
struct NumberQuery {
  std::string sql;
  std::string column;     ///< empty: it has one
  bool any_rows = false;  ///< otherwise it gives one; of none the sum is 0
  bool largest = false;   ///< of the rows, instead of their sum
};

/// A session by libpq alone, with whoever speaks PostgreSQL's protocol: the console of a pooler,
/// too, which tells a version that libpqxx refuses.
class PlainSession {
 public:
  static base::Result<PlainSession> connect(const Conninfo& conninfo);

  /// The query is sent as it is, in the simple protocol.
  base::Result<double> number(const NumberQuery& query);

  /// The process that serves the session, as the server told.
  [[nodiscard]] pid_t process() const;

 private:
  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  using Connection = std::unique_ptr<pg_conn, Finish>;
  explicit PlainSession(Connection connection) : connection_(std::move(connection)) {}

  Connection connection_;
};

}  // namespace poolbench::service
