#include "service/postgres/plain_session.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>
#include <vector>

#include "base/text.h"

namespace poolbench::service {
namespace {

using Rows = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// The number of the column that a query names; -1, where there is none or it has to name one.
base::Result<int> column_of(const PGresult* rows, const NumberQuery& query) {
  const int columns = PQnfields(rows);
  if (query.column.empty()) {
    if (columns == 1) return 0;
    return base::failed(fmt::format("it gave {} columns: say which with column", columns));
  }
  for (int column = 0; column < columns; ++column) {
    if (PQfname(rows, column) == query.column) return column;
  }
  return base::failed(fmt::format("it gave no column {}", query.column));
}

base::Result<double> number_at(const PGresult* rows, int row, int column) {
  if (PQgetisnull(rows, row, column) != 0) return base::failed("it gave NULL");
  const std::string text = PQgetvalue(rows, row, column);
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || *end != '\0' || !std::isfinite(value)) {
    return base::failed(fmt::format("it gave \"{}\", which is no number", base::printable(text)));
  }
  return value;
}

}  // namespace

void PlainSession::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }

base::Result<PlainSession> PlainSession::connect(const Conninfo& conninfo) {
  Conninfo complete = conninfo;
  complete.emplace("connect_timeout", "10");
  complete.emplace("application_name", "poolbench");
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : complete) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  Connection connection(PQconnectdbParams(keywords.data(), values.data(), 0));
  if (PQstatus(connection.get()) == CONNECTION_OK) return PlainSession(std::move(connection));
  return base::failed("cannot connect: " + base::first_line(PQerrorMessage(connection.get())));
}

base::Result<double> PlainSession::number(const NumberQuery& query) {
  const Rows rows(PQexec(connection_.get(), query.sql.c_str()), PQclear);
  if (PQresultStatus(rows.get()) != PGRES_TUPLES_OK) {
    const std::string why = base::first_line(PQerrorMessage(connection_.get()));
    return base::failed(why.empty() ? "it gave no rows" : why);
  }
  const int count = PQntuples(rows.get());
  if (!query.any_rows && count != 1) return base::failed(fmt::format("it gave {} rows", count));
  const auto column = column_of(rows.get(), query);
  if (!column) return tl::unexpected(column.error());
  double sum = 0, largest = -std::numeric_limits<double>::infinity();
  for (int row = 0; row < count; ++row) {
    const auto value = number_at(rows.get(), row, *column);
    if (!value) return value;
    sum += *value;
    largest = std::max(largest, *value);
  }
  if (!query.largest) return sum;
  if (count == 0) return base::failed("it gave no rows");
  return largest;
}

pid_t PlainSession::process() const { return PQbackendPID(connection_.get()); }

}  // namespace poolbench::service
