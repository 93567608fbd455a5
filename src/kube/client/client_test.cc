#include "kube/client/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "async/combine.h"
#include "async/scope.h"
#include "async/simulated_loop.h"
#include "json/parse.h"
#include "kube/client/testing/scripted_api.h"
#include "kube/types/pod.h"
#include "net/simulated_network.h"
#include "net/testing/certificates.h"
#include "net/testing/static_resolver.h"
#include "net/testing/streams.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;
using async::Task;
using testing::Answer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::string_view kNotFound =
    R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods \"p\" not found",)"
    R"("reason":"NotFound","code":404})";

/// A kind that is modelled whole.
struct Note {
  ObjectMeta metadata;
  std::string text;
  static constexpr ResourceType kResource{
      .api_version = "example.com/v1", .kind = "Note", .plural = "notes", .singular = "note"};
  static constexpr auto fields() {
    return std::tuple{json::Constant{"apiVersion", "example.com/v1"},
                      json::Constant{"kind", "Note"}, json::Field{"metadata", &Note::metadata},
                      json::Field{"text", &Note::text}};
  }
};
static_assert(WholeResource<Note>);
static_assert(Resource<Pod> && !WholeResource<Pod>);

class ClientTest : public ::testing::Test {
 protected:
  ~ClientTest() override {
    client_.reset();
    api_.stop(loop_);
    EXPECT_EQ(network_.open_streams(), 0U);
  }

  ClientConfig config() const { return {.server = api_.url(), .token = "secret"}; }
  Client& client() {
    if (client_ == nullptr) {
      client_ = *Client::create(network_, resolver_, config(), options_);
    }
    return *client_;
  }
  template <class T>
  T run(Task<T> task) {
    return async::run_until_done(loop_, std::move(task));
  }

  async::SimulatedLoop loop_{3};
  net::SimulatedNetwork network_{
      loop_, {.latency = 1ms, .jitter = 1ms, .max_slice = 40, .max_write = 300}};
  net::testing::StaticResolver resolver_;
  testing::ScriptedApi api_{network_};
  ClientOptions options_;
  std::unique_ptr<Client> client_;
};

TEST_F(ClientTest, GetsAnObject) {
  api_.answer(
      200,
      R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","namespace":"prod"},"status":{"phase":"Running"}})");
  const auto pod = run(client().get<Pod>({"prod", "p"}));
  ASSERT_TRUE(pod.has_value()) << pod.error().to_string();
  EXPECT_EQ(pod->status.phase, "Running");
  ASSERT_THAT(api_.asked(), SizeIs(1));
  EXPECT_EQ(api_.asked()[0].line, "GET /api/v1/namespaces/prod/pods/p");
  EXPECT_EQ(api_.asked()[0].headers.find("Authorization"), "Bearer secret");
  EXPECT_EQ(api_.asked()[0].headers.find("Accept"), "application/json");
}

TEST_F(ClientTest, AnswersWhatAStatusMeans) {
  api_.answer(404, std::string(kNotFound));
  EXPECT_EQ(run(client().get<Pod>({"prod", "p"})).error(),
            Error(ErrorCode::NotFound, "pods \"p\" not found"));
  api_.answer(200, "[]");
  EXPECT_EQ(run(client().get<Pod>({"prod", "p"})).error().code(), ErrorCode::Malformed);
  EXPECT_EQ(run(client().get<Pod>({"", "p"})).error().code(), ErrorCode::InvalidArgument);
}

TEST_F(ClientTest, WritesObjects) {
  const std::string answer =
      R"({"kind":"Note","apiVersion":"example.com/v1","metadata":{"name":"n","namespace":"prod","resourceVersion":"2"},"text":"t"})";
  for (int i = 0; i < 5; ++i) {
    api_.answer(200, answer);
  }
  Note note{.metadata = {.name = "n", .namespace_name = "prod"}, .text = "t"};
  const auto created = run(client().create(note));
  ASSERT_TRUE(created.has_value()) << created.error().to_string();
  EXPECT_EQ(created->metadata.resource_version, "2");
  EXPECT_TRUE(run(client().update(note)).has_value());
  EXPECT_TRUE(
      run(client().patch<Note>({"prod", "n"}, PatchType::Merge, *json::parse(R"({"text":"u"})")))
          .has_value());
  EXPECT_TRUE(run(client().apply<Note>({"prod", "n"}, *json::parse(R"({"text":"u"})"),
                                       {.field_manager = "m", .force = Force::Yes}))
                  .has_value());
  EXPECT_TRUE(run(client().apply_status<Note>({"prod", "n"}, *json::parse(R"({"ready":true})")))
                  .has_value());
  EXPECT_THAT(
      api_.lines(),
      ElementsAre("POST /apis/example.com/v1/namespaces/prod/notes?fieldManager=kthena",
                  "PUT /apis/example.com/v1/namespaces/prod/notes/n?fieldManager=kthena",
                  "PATCH /apis/example.com/v1/namespaces/prod/notes/n?fieldManager=kthena",
                  "PATCH /apis/example.com/v1/namespaces/prod/notes/n?fieldManager=m&force=true",
                  "PATCH /apis/example.com/v1/namespaces/prod/notes/n/status?fieldManager=kthena"));
  EXPECT_EQ(
      api_.asked()[0].body,
      R"({"apiVersion":"example.com/v1","kind":"Note","metadata":{"name":"n","namespace":"prod"},"text":"t"})");
  EXPECT_EQ(*json::parse(api_.asked()[4].body),
            *json::parse(R"({"apiVersion":"example.com/v1","kind":"Note","metadata":{"name":"n",
                             "namespace":"prod"},"status":{"ready":true}})"));
}

TEST_F(ClientTest, TakesAnyKindAsJson) {
  const json::Value object =
      *json::parse(R"({"metadata":{"name":"n","namespace":"prod"},"x":[1]})");
  for (int i = 0; i < 7; ++i) {
    api_.answer(200, json::print(object));
  }
  const ResourceType& type = Note::kResource;
  EXPECT_EQ(run(client().get(type, {"prod", "n"})), object);
  EXPECT_EQ(run(client().create(type, object)), object);
  EXPECT_EQ(run(client().update(type, object)), object);
  EXPECT_EQ(run(client().apply(type, {"prod", "n"}, {})), object);
  EXPECT_TRUE(run(client().remove(type, {"prod", "n"})).has_value());
  EXPECT_TRUE(
      run(client().remove_collection(type, {.selection = {.namespace_name = "prod"}})).has_value());
  EXPECT_EQ(run(client().create_subresource(type, {"prod", "n"}, "eviction", object)), object);
  EXPECT_THAT(
      api_.lines(),
      ElementsAre(
          "GET /apis/example.com/v1/namespaces/prod/notes/n",
          "POST /apis/example.com/v1/namespaces/prod/notes?fieldManager=kthena",
          "PUT /apis/example.com/v1/namespaces/prod/notes/n?fieldManager=kthena",
          "PATCH /apis/example.com/v1/namespaces/prod/notes/n?fieldManager=kthena",
          "DELETE /apis/example.com/v1/namespaces/prod/notes/n",
          "DELETE /apis/example.com/v1/namespaces/prod/notes",
          "POST /apis/example.com/v1/namespaces/prod/notes/n/eviction?fieldManager=kthena"));
}

TEST_F(ClientTest, ListsInPages) {
  api_.answer(
      {.pieces = {
           R"({"kind":"PodList","metadata":{"resourceVersion":"9","continue":"c1"},"items":[{"metadata":{"na)",
           R"(me":"a"}},)", R"({"metadata":{"name":"b"}}]})"}});
  api_.answer(
      200,
      R"({"kind":"PodList","metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"c"}}]})");
  const auto all = run(client().list_all<Pod>({.selection = {.namespace_name = "prod"}}, 2));
  ASSERT_TRUE(all.has_value()) << all.error().to_string();
  ASSERT_THAT(all->items, SizeIs(3));
  EXPECT_EQ(all->items[2].metadata.name, "c");
  EXPECT_EQ(all->metadata.resource_version, "9");
  EXPECT_THAT(api_.lines(), ElementsAre("GET /api/v1/namespaces/prod/pods?limit=2",
                                        "GET /api/v1/namespaces/prod/pods?limit=2&continue=c1"));
}

TEST_F(ClientTest, NamesTheItemThatCannotBeRead) {
  api_.answer(200, R"({"items":[{"metadata":{"name":"a","namespace":"n"},"spec":7}]})");
  const Error error = run(client().list<Pod>({})).error();
  EXPECT_EQ(error.code(), ErrorCode::Malformed);
  EXPECT_THAT(error.message(), HasSubstr("an item of the list, n/a: spec: Invalid value"));
}

TEST_F(ClientTest, KnowsAListThatBrokeOff) {
  api_.answer({.pieces = {R"({"items":[)", R"({"metadata":{}},)"}, .end = Answer::End::BreakOff});
  EXPECT_EQ(run(client().list<Pod>({})).error().code(), ErrorCode::Disconnected);
}

Task<Result<std::vector<std::string>>> watch_all(Client& client, WatchOptions options) {
  std::vector<std::string> seen;
  auto watch = CO_TRY(co_await client.watch(Pod::kResource, std::move(options)));
  while (true) {
    auto event = co_await watch.next();
    if (!event) {
      seen.push_back(event.error().to_string());
      co_return seen;
    }
    if (!*event) {
      seen.emplace_back("end");
      co_return seen;
    }
    CO_TRY(co_await async::sleep_for(1ms));  // others use the scratch meanwhile
    seen.push_back(std::string(to_string((*event)->type)) + " " + std::string((*event)->object));
  }
}

TEST_F(ClientTest, WatchesUntilTheServerEndsIt) {
  api_.answer({.pieces = {R"({"type":"ADDED","object":{"a":1}})"
                          "\n"
                          R"({"type":"BOOK)",
                          R"(MARK","object":{"metadata":{}}})"}});
  EXPECT_THAT(*run(watch_all(client(), {.resource_version = "5"})),
              ElementsAre(R"(ADDED {"a":1})", R"(BOOKMARK {"metadata":{}})", "end"));
  EXPECT_EQ(api_.lines()[0],
            "GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5");
}

TEST_F(ClientTest, WatchesSayWhatWentWrong) {
  api_.answer(
      {.pieces = {
           R"({"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"too old","reason":"Expired","code":410}})"}});
  EXPECT_THAT(*run(watch_all(client(), {})), ElementsAre("Expired: too old"));
  api_.answer({.pieces = {R"({"type":"ADDED","obj)"}});
  EXPECT_THAT(*run(watch_all(client(), {})),
              ElementsAre("Disconnected: the watch broke off within an event"));
  api_.answer({.pieces = {"\n"}, .end = Answer::End::BreakOff});
  EXPECT_THAT(*run(watch_all(client(), {})), ElementsAre(HasSubstr("Disconnected: ")));
  api_.answer(
      410,
      R"({"kind":"Status","status":"Failure","message":"too old","reason":"Expired","code":410})");
  EXPECT_EQ(run(watch_all(client(), {})).error(), Error(ErrorCode::Expired, "too old"));
}

Task<Result<std::string>> read_logs(Client& client) {
  auto logs = CO_TRY(co_await client.logs({"prod", "p"}, {.follow = true}));
  std::string text;
  while (const auto bytes = CO_TRY(co_await logs.next())) {
    text += *bytes;
  }
  co_return text;
}

TEST_F(ClientTest, FollowsLogs) {
  api_.answer({.pieces = {"one\ntw", "o\n", "three"}});
  EXPECT_EQ(*run(read_logs(client())), "one\ntwo\nthree");
  api_.answer(
      400,
      R"({"kind":"Status","status":"Failure","message":"container not started","reason":"BadRequest","code":400})");
  EXPECT_EQ(run(read_logs(client())).error(),
            Error(ErrorCode::InvalidArgument, "container not started"));
}

TEST_F(ClientTest, ComesBackWhenTheServerSaysSo) {
  api_.answer({.status = 429, .pieces = {"slow down"}, .headers = {{"Retry-After", "2"}}});
  api_.answer({.status = 503, .pieces = {"starting"}, .headers = {{"Retry-After", "1"}}});
  api_.answer(200, R"({"metadata":{"name":"p"}})");
  const Instant before = loop_.now();
  EXPECT_TRUE(run(client().get<Pod>({"prod", "p"})).has_value());
  EXPECT_GE(loop_.now() - before, 3s);
  EXPECT_LE(loop_.now() - before, 4s);
  EXPECT_EQ(client().stats().retries, 2U);
}

TEST_F(ClientTest, GivesUpOnAServerThatIsOverloadedForGood) {
  options_.max_retries = 2;
  for (int i = 0; i < 3; ++i) {
    api_.answer({.status = 429, .pieces = {"slow down"}, .headers = {{"Retry-After", "1"}}});
  }
  EXPECT_EQ(run(client().get<Pod>({"prod", "p"})).error(),
            Error(ErrorCode::RateLimited, "the server answered 429: slow down"));
  api_.answer({.status = 429, .pieces = {"much later"}, .headers = {{"Retry-After", "3600"}}});
  EXPECT_EQ(run(client().get<Pod>({"prod", "p"})).error().code(), ErrorCode::RateLimited);
  api_.answer(500, "no such luck");
  EXPECT_EQ(run(client().get<Pod>({"prod", "p"})).error().code(), ErrorCode::Unavailable);
  EXPECT_THAT(api_.asked(), SizeIs(5));
}

TEST_F(ClientTest, NamesTheServerThatDoesNotAnswer) {
  network_.refuse(api_.address(), true);
  const Error error = run(client().get<Pod>({"prod", "p"})).error();
  EXPECT_EQ(error.code(), ErrorCode::Unavailable);
  EXPECT_EQ(error.message(), api_.url() + ": connecting: connection refused");
  network_.refuse(api_.address(), false);
  network_.black_hole(api_.address(), true);
  EXPECT_EQ(run(client().get<Pod>({"prod", "p"})).error().to_string(),
            "Unavailable: " + api_.url() + ": connecting took too long");
  network_.black_hole(api_.address(), false);
  // Behind a name it is told which of the addresses did not answer.
  resolver_.set("api", {net::IpAddress::loopback()});
  const std::string port = std::to_string(api_.address().port);
  client_ = *Client::create(network_, resolver_, {.server = "http://api:" + port});
  network_.refuse(api_.address(), true);
  EXPECT_EQ(run(client().get<Pod>({"prod", "p"})).error().message(),
            "http://api:" + port + ": connecting to 127.0.0.1:" + port + ": connection refused");
  network_.refuse(api_.address(), false);
  client_ = *Client::create(network_, resolver_, {.server = "https://nowhere.example"});
  EXPECT_EQ(run(client().get<Pod>({"prod", "p"})).error().to_string(),
            "Unavailable: https://nowhere.example: resolving 'nowhere.example': no such name");
}

TEST_F(ClientTest, TriesEachAddressOfTheServer) {
  resolver_.set("api", {*net::parse_ip("10.9.9.9"), net::IpAddress::loopback()});
  ClientConfig config = this->config();
  config.server = "http://api:" + std::to_string(api_.address().port) + "/prefix/";
  client_ = *Client::create(network_, resolver_, config);
  api_.answer(200, "{}");
  api_.answer(200, "{}");
  EXPECT_TRUE(run(client().get<Pod>({"prod", "p"})).has_value());
  EXPECT_TRUE(run(client().get<Pod>({"prod", "p"})).has_value());
  EXPECT_EQ(client().stats().failures, 1U);  // the second time the good one comes first
  EXPECT_EQ(api_.asked()[1].line, "GET /prefix/api/v1/namespaces/prod/pods/p");
  EXPECT_EQ(api_.asked()[1].headers.find("Host"), "api:" + std::to_string(api_.address().port));
}

TEST_F(ClientTest, GivesUpOnAnAnswerThatDoesNotCome) {
  options_.request_timeout = 5s;
  api_.answer({.pieces = {"{}"}, .delay = 1h});
  EXPECT_EQ(run(client().get<Pod>({"prod", "p"})).error().code(), ErrorCode::DeadlineExceeded);
  api_.answer({.pieces = {"{"}, .end = Answer::End::Stay});
  EXPECT_EQ(run(client().get<Pod>({"prod", "p"})).error().code(), ErrorCode::DeadlineExceeded);
}

TEST_F(ClientTest, HoldsNoMoreThanItMay) {
  options_.max_answer_bytes = 100;
  api_.answer(200, R"({"x":")" + std::string(200, 'x') + "\"}");
  EXPECT_EQ(run(client().get<Pod>({"prod", "p"})).error().code(), ErrorCode::TooLarge);
}

TEST_F(ClientTest, PassesWarningsOn) {
  std::vector<std::string> warnings;
  options_.on_warning = [&](std::string_view text) { warnings.emplace_back(text); };
  api_.answer(
      {.pieces = {"{}"},
       .headers = {{"Warning", R"(299 - "unknown field \"spec.x\"")"}, {"Warning", "299 - bad"}}});
  EXPECT_TRUE(run(client().get<Pod>({"prod", "p"})).has_value());
  EXPECT_THAT(warnings, ElementsAre(R"(unknown field "spec.x")"));
}

/// A file whose text a test changes.
class OneFile final : public FileReader {
 public:
  Result<std::string> read(const std::string& path) const override {
    ++reads;
    if (text.empty()) {
      return fail(ErrorCode::NotFound, path + ": No such file or directory");
    }
    return text;
  }
  std::string text;
  mutable int reads = 0;
};

TEST_F(ClientTest, ReadsTheTokenAgain) {
  OneFile file;
  ClientConfig config{.server = api_.url(), .token_file = "/token"};
  client_ = *Client::create(network_, resolver_, config, {},
                            std::make_unique<TokenFileCredentials>(loop_, file, config));
  EXPECT_EQ(run(client().get<Pod>({"prod", "p"})).error().to_string(),
            "Unauthenticated: token: /token: No such file or directory");
  file.text = "one\n";
  api_.answer(200, "{}");
  EXPECT_TRUE(run(client().get<Pod>({"prod", "p"})).has_value());
  file.text = "two";
  api_.answer(200, "{}");
  EXPECT_TRUE(run(client().get<Pod>({"prod", "p"})).has_value());  // not a minute old
  loop_.run_for(61s);
  api_.answer(200, "{}");
  EXPECT_TRUE(run(client().get<Pod>({"prod", "p"})).has_value());
  file.text = "three";
  api_.answer(401, "");  // refused: read again at once
  api_.answer(200, "{}");
  EXPECT_TRUE(run(client().get<Pod>({"prod", "p"})).has_value());
  file.text = "";  // gone: the last one is used on
  loop_.run_for(61s);
  api_.answer(200, "{}");
  EXPECT_TRUE(run(client().get<Pod>({"prod", "p"})).has_value());
  std::vector<std::string> shown;
  for (const auto& asked : api_.asked()) {
    shown.emplace_back(asked.headers.find("Authorization").value_or(""));
  }
  EXPECT_THAT(shown, ElementsAre("Bearer one", "Bearer one", "Bearer two", "Bearer two",
                                 "Bearer three", "Bearer three"));
}

TEST_F(ClientTest, DoesNotAskAgainWithATokenThatCannotChange) {
  api_.answer(
      401,
      R"({"kind":"Status","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401})");
  EXPECT_EQ(run(client().get<Pod>({"prod", "p"})).error(),
            Error(ErrorCode::Unauthenticated, "Unauthorized"));
  EXPECT_THAT(api_.asked(), SizeIs(1));
}

TEST_F(ClientTest, ShowsUsersAndImpersonation) {
  client_ = *Client::create(network_, resolver_,
                            {.server = api_.url(),
                             .username = "u",
                             .password = "p",
                             .impersonate_user = "jane",
                             .impersonate_uid = "7",
                             .impersonate_groups = {"a", "b"},
                             .impersonate_extra = {{"example.com/x", {"y"}}}});
  api_.answer(200, "{}");
  EXPECT_TRUE(run(client().get<Pod>({"prod", "p"})).has_value());
  const http::Headers& headers = api_.asked()[0].headers;
  EXPECT_EQ(headers.find("Authorization"), "Basic dTpw");
  EXPECT_EQ(headers.find("Impersonate-User"), "jane");
  EXPECT_EQ(headers.count("Impersonate-Group"), 2U);
  EXPECT_EQ(headers.find("Impersonate-Uid"), "7");
  EXPECT_EQ(headers.find("Impersonate-Extra-example.com%2Fx"), "y");
}

// TLS: one request over a connection that a test shakes hands on.

Task<std::string> serve_one_tls(net::Listener& listener, const net::TlsContext& context) {
  auto stream = co_await net::testing::accept(listener);
  auto tls = co_await net::tls_accept(*std::move(stream), context);
  if (!tls) {
    co_return tls.error().to_string();
  }
  char buffer[4096];
  const auto size = co_await net::read_some(**tls, buffer);
  (void)co_await net::write_all(
      **tls, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
  co_return std::string(buffer, *size);
}

class TlsClientTest : public ClientTest {
 protected:
  struct Outcome {
    std::string asked;
    std::string answered;
  };
  Outcome exchange(ClientConfig config) {
    config.server = "https://" + listener_->local().to_string();
    const auto context = *net::TlsContext::server({.certificate_pem = server_.certificate_pem,
                                                   .private_key_pem = server_.private_key_pem,
                                                   .client_ca_pem = client_ca_});
    client_ = *Client::create(network_, resolver_, config);
    auto [asked, pod] =
        run(async::when_all(serve_one_tls(*listener_, context), client_->get<Pod>({"prod", "p"})));
    return {asked, pod ? "ok" : pod.error().to_string()};
  }

  net::testing::CertificateAuthority authority_{"test"};
  net::testing::Certificate server_ =
      authority_.issue({.dns_names = {"kubernetes"}, .ip_addresses = {"127.0.0.1"}});
  std::string client_ca_;
  std::unique_ptr<net::Listener> listener_ =
      *network_.listen({.ip = net::IpAddress::loopback(), .port = 0}, {});
};

TEST_F(TlsClientTest, TrustsTheAuthorityOfTheConfiguration) {
  const Outcome outcome = exchange({.ca_pem = authority_.certificate_pem(), .token = "secret"});
  EXPECT_EQ(outcome.answered, "ok");
  EXPECT_THAT(outcome.asked, HasSubstr("Authorization: Bearer secret\r\n"));
}

TEST_F(TlsClientTest, ChecksTheName) {
  EXPECT_EQ(
      exchange({.ca_pem = authority_.certificate_pem(), .tls_server_name = "kubernetes"}).answered,
      "ok");
  const Outcome other =
      exchange({.ca_pem = authority_.certificate_pem(), .tls_server_name = "other"});
  EXPECT_THAT(other.answered, HasSubstr("Unavailable: https://127.0.0.1:"));
  EXPECT_EQ(other.answered.find("127.0.0.1"), other.answered.rfind("127.0.0.1"));
  EXPECT_THAT(other.answered, HasSubstr("certificate is not accepted"));
}

TEST_F(TlsClientTest, TrustsNobodyElse) {
  const net::testing::CertificateAuthority other("other");
  EXPECT_THAT(exchange({.ca_pem = other.certificate_pem()}).answered, HasSubstr("not accepted"));
  EXPECT_EQ(exchange({.insecure_skip_tls_verify = true}).answered, "ok");
}

TEST_F(TlsClientTest, ShowsItsCertificate) {
  const auto mine = authority_.issue({.dns_names = {"client"}});
  client_ca_ = authority_.certificate_pem();
  EXPECT_EQ(exchange({.ca_pem = authority_.certificate_pem(),
                      .client_certificate_pem = mine.certificate_pem,
                      .client_key_pem = mine.private_key_pem})
                .answered,
            "ok");
  EXPECT_NE(exchange({.ca_pem = authority_.certificate_pem()}).answered, "ok");
}

TEST_F(TlsClientTest, RefusesConfigurationsThatCannotWork) {
  EXPECT_EQ(Client::create(network_, resolver_, {.server = "https://x", .token_file = "/t"})
                .error()
                .code(),
            ErrorCode::InvalidArgument);
  EXPECT_EQ(Client::create(network_, resolver_, {.server = "ftp://x"}).error().code(),
            ErrorCode::InvalidArgument);
  EXPECT_THAT(Client::create(network_, resolver_, {.server = "https://x", .ca_pem = "junk"})
                  .error()
                  .message(),
              HasSubstr("CA: no certificate"));
}

TEST(ServerUrl, IsTakenApart) {
  const auto read = [](std::string_view text) {
    const auto url = parse_server_url(text);
    return url ? (url->secure ? "s " : "p ") + url->host + " " + std::to_string(url->port) + " " +
                     url->path + " " + url->authority()
               : url.error().message();
  };
  EXPECT_EQ(read("https://10.0.0.1:6443"), "s 10.0.0.1 6443  10.0.0.1:6443");
  EXPECT_EQ(read("https://api.example.com/"), "s api.example.com 443  api.example.com");
  EXPECT_EQ(read("HTTP://h/a/b/"), "p h 80 /a/b h");
  EXPECT_EQ(read("https://[fd00::1]:6443/x"), "s fd00::1 6443 /x [fd00::1]:6443");
  EXPECT_EQ(read("host:8443"), "s host 8443  host:8443");
  for (const char* text :
       {"", "https://", "ftp://x", "https://h:0", "https://h:99999", "https://h:x", "https://u@h",
        "https://[::1", "https://[x]", "https://h/a?b", "https://h/a b"}) {
    EXPECT_FALSE(parse_server_url(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace kthena::kube
