#include "generator/response.h"

#include <gmock/gmock.h>

namespace poolbench::generator {
namespace {

using State = ResponseParser::State;
using testing::HasSubstr;

struct Parsed {
  State state = State::kIncomplete;
  int status = 0;
  bool keeps_alive = false;
  std::uint64_t body_bytes = 0;
  bool as_expected = false;
};

const Expectation kHello = [] {
  Expectation expect;
  expect.body = "hello world";
  return expect;
}();

// Feeds the bytes in two pieces, the second possibly empty, and then the end if asked for.
Parsed parse(std::string_view bytes, std::size_t split, bool end_follows = false,
             bool to_head = false) {
  BodyCheck check;
  check.begin(kHello, {});
  HeaderCheck headers;
  ResponseParser parser(check, headers);
  parser.begin(to_head);
  Parsed parsed;
  parsed.state = parser.feed(bytes.substr(0, split));
  if (parsed.state == State::kIncomplete && split < bytes.size()) {
    parsed.state = parser.feed(bytes.substr(split));
  }
  if (parsed.state == State::kIncomplete && end_follows) parsed.state = parser.finish();
  parsed.status = parser.status();
  parsed.keeps_alive = parser.keeps_alive();
  parsed.body_bytes = check.length();
  parsed.as_expected = check.is_as_expected();
  return parsed;
}

TEST(ResponseParser, FindsTheEndHoweverTheBytesAreSplit) {
  for (const std::string_view bytes :
       {"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "6;ext=\"v\"\r\nhello \r\n5\r\nworld\r\n0\r\nTrailer: x\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"}) {
    for (std::size_t split = 1; split < bytes.size(); ++split) {
      const Parsed parsed = parse(bytes, split);
      ASSERT_EQ(parsed.state, State::kComplete) << bytes << " split at " << split;
      ASSERT_EQ(parsed.status, 200);
      ASSERT_TRUE(parsed.keeps_alive && parsed.as_expected);
      ASSERT_EQ(parse(bytes.substr(0, split), split, true).state, State::kIncomplete);
    }
  }
}

TEST(ResponseParser, TakesABodyUpToTheEndOfTheStream) {
  const std::string_view bytes = "HTTP/1.1 200 OK\r\n\r\nhello world";
  for (std::size_t split = 1; split < bytes.size(); ++split) {
    EXPECT_EQ(parse(bytes, split).state, State::kIncomplete);
    const Parsed parsed = parse(bytes, split, true);
    EXPECT_EQ(parsed.state, State::kComplete);
    EXPECT_TRUE(parsed.as_expected);
    EXPECT_FALSE(parsed.keeps_alive);
  }
}

TEST(ResponseParser, RefusesBytesAfterTheEnd) {
  const std::string_view bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello";
  EXPECT_EQ(parse(bytes, bytes.size()).state, State::kMalformed);
}

TEST(ResponseParser, KnowsWhichAnswersHaveNoBody) {
  for (const std::string_view bytes : {"HTTP/1.1 204 No Content\r\n\r\n",
                                       "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"}) {
    const Parsed parsed = parse(bytes, bytes.size());
    EXPECT_EQ(parsed.state, State::kComplete) << bytes;
    EXPECT_EQ(parsed.body_bytes, 0U);
    EXPECT_TRUE(parsed.keeps_alive);
  }
  const std::string_view to_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(parse(to_head, to_head.size(), false, true).state, State::kComplete);
}

TEST(ResponseParser, KnowsWhichConnectionsStayOpen) {
  const auto stays_open = [](std::string_view start) {
    const std::string bytes = std::string(start) + "Content-Length: 0\r\n\r\n";
    return parse(bytes, bytes.size()).keeps_alive;
  };
  EXPECT_TRUE(stays_open("HTTP/1.1 200 OK\r\n"));
  EXPECT_FALSE(stays_open("HTTP/1.1 200 OK\r\nConnection: close\r\n"));
  EXPECT_FALSE(stays_open("HTTP/1.0 200 OK\r\n"));
  EXPECT_TRUE(stays_open("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"));
  EXPECT_FALSE(stays_open("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"));
}

TEST(ResponseParser, RefusesAmbiguousFraming) {
  for (const std::string_view bytes :
       {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
    EXPECT_EQ(parse(bytes, bytes.size()).state, State::kMalformed) << bytes;
  }
}

TEST(ResponseParser, RefusesACarriageReturnThatEndsNoLine) {
  for (const std::string_view bytes :
       {"HTTP/1.1 200 OK\rContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\rX: y\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\rhi",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi__0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r_hi\r\n0\r\n\r\n",
        "HTTP/1.1 100 Continue\ru\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"}) {
    EXPECT_EQ(parse(bytes, bytes.size(), true).state, State::kMalformed) << bytes;
  }
}

TEST(ResponseParser, JudgesARepeatedHeadAsItDidTheFirst) {
  BodyCheck check;
  HeaderCheck headers;
  ResponseParser parser(check, headers);
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n";
  const auto judge = [&](const std::string& bytes, bool to_head = false) {
    check.begin(kHello, {});
    parser.begin(to_head);
    return parser.feed(bytes);
  };
  for (const std::string body : {"hello world", "HELLO WORLD", "hello world"}) {
    EXPECT_EQ(judge(head + "\r\n" + body), State::kComplete);
    EXPECT_EQ(parser.status(), 200);
    EXPECT_TRUE(parser.keeps_alive());
    EXPECT_EQ(check.is_as_expected(), body == "hello world");
  }
  EXPECT_EQ(judge(head + "\r\nhello worl"), State::kIncomplete);
  EXPECT_EQ(judge(head + "\r\nhello world!"), State::kMalformed);
  EXPECT_EQ(judge(head + "\r\nhello world", true), State::kMalformed) << "HEAD has no body";
  EXPECT_EQ(judge(head + "Connection: close\r\n\r\nhello world"), State::kComplete);
  EXPECT_FALSE(parser.keeps_alive());
}

TEST(ResponseParser, StartsAnewAfterEachAnswer) {
  BodyCheck check;
  HeaderCheck headers;
  ResponseParser parser(check, headers);
  for (const bool broken : {false, true, false}) {
    check.begin(kHello, {});
    parser.begin(false);
    const auto state = parser.feed(broken ? "HTTP/9 no\r\n" : "HTTP/1.1 204 No Content\r\n\r\n");
    EXPECT_EQ(state, broken ? State::kMalformed : State::kComplete);
    EXPECT_EQ(parser.complaint().empty(), !broken);
  }
}

// The complaint about a body that comes in pieces of this size.
std::string complaint(const Expectation& expect, std::string_view contains, std::string_view body,
                      std::size_t piece) {
  BodyCheck check;
  check.begin(expect, contains);
  for (std::size_t i = 0; i < body.size(); i += piece) check.feed(body.substr(i, piece));
  EXPECT_EQ(check.length(), body.size());
  return check.complaint();
}

TEST(BodyCheck, FindsTextHoweverTheBodyIsSplit) {
  const std::string_view body = "aabaabaaabaac";
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    for (std::size_t from = 0; from < body.size(); ++from) {
      for (std::size_t length = 1; from + length <= body.size(); ++length) {
        ASSERT_EQ(complaint({}, body.substr(from, length), body, piece), "");
      }
    }
    for (const std::string_view absent : {"bb", "aabaabaaabaaca", "ca", "aaaa", "x"}) {
      ASSERT_THAT(complaint({}, absent, body, piece), HasSubstr("does not contain")) << piece;
    }
  }
}

TEST(BodyCheck, ComparesEveryByteOfTheBody) {
  Expectation expect;
  expect.body = "hello";
  for (std::size_t piece = 1; piece <= 6; ++piece) {
    EXPECT_EQ(complaint(expect, {}, "hello", piece), "");
    for (const std::string_view wrong : {"", "hell", "hello!", "hellx", "xello", "hexlo"}) {
      EXPECT_THAT(complaint(expect, {}, wrong, piece), HasSubstr("differs")) << wrong;
    }
  }
}

TEST(BodyCheck, ComparesTheLength) {
  Expectation expect;
  expect.length = 3;
  EXPECT_EQ(complaint(expect, {}, "abc", 2), "");
  EXPECT_EQ(complaint(expect, {}, "ab", 2), "the body has 2 bytes, not 3");
}

TEST(BodyCheck, ForgetsTheBodyBefore) {
  Expectation expect;
  BodyCheck check;
  check.begin(expect, "ab");
  check.feed("xa");
  check.begin(expect, "ab");
  check.feed("b");
  EXPECT_FALSE(check.is_as_expected());
}

struct Answered {
  bool complete = false;
  std::string complaint;
};

// Feeds the answer in two pieces.
Answered answered(const Headers& expected, std::vector<std::string> values, std::string_view bytes,
                  std::size_t split) {
  BodyCheck body;
  const Expectation nothing;
  body.begin(nothing, {});
  HeaderCheck headers;
  headers.begin(expected, std::move(values));
  ResponseParser parser(body, headers);
  parser.begin(false);
  State state = parser.feed(bytes.substr(0, split));
  if (state == State::kIncomplete) state = parser.feed(bytes.substr(split));
  return {state == State::kComplete, headers.complaint()};
}

TEST(HeaderCheck, WantsEachHeaderWithItsValueHoweverTheBytesAreSplit) {
  constexpr std::string_view kAnswer =
      "HTTP/1.1 201 Created\r\nX-Id: 9\r\nlocation:  /orders/17 \r\nX-Id: 7\r\n"
      "Content-Length: 2\r\n\r\nok";
  for (std::size_t split = 1; split < kAnswer.size(); ++split) {
    const Answered good =
        answered({{"Location", ""}, {"x-id", ""}}, {"/orders/17", "9"}, kAnswer, split);
    ASSERT_TRUE(good.complete) << split;
    ASSERT_EQ(good.complaint, "") << split;
  }
  EXPECT_EQ(answered({{"Location", ""}}, {"/orders/18"}, kAnswer, 9).complaint,
            "the header Location is \"/orders/17\", not \"/orders/18\"");
  EXPECT_EQ(answered({{"ETag", ""}}, {"x"}, kAnswer, 9).complaint, "the answer has no header ETag");
}

TEST(HeaderCheck, DoesNotTakeTheHeadersOfAnInterimAnswer) {
  EXPECT_EQ(answered({{"Link", ""}}, {"a"},
                     "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
                     "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                     30)
                .complaint,
            "the answer has no header Link");
}

}  // namespace
}  // namespace poolbench::generator
