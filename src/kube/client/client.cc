#include "kube/client/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/time.h"
#include "base/error.h"
#include "base/random.h"
#include "base/result.h"
#include "base/strings.h"
#include "http/body.h"
#include "http/headers.h"
#include "json/codec.h"
#include "json/parse.h"
#include "kube/meta/status.h"
#include "net/address.h"
#include "net/tls.h"

namespace kthena::kube {
namespace {

/// Of an answer that is an error.
constexpr std::size_t kMaxErrorBytes = 1 << 20;

Result<net::TlsContext> make_tls(const ClientConfig& config, const Credential& credential) {
  using Verify = net::TlsClientOptions::Verify;
  net::TlsClientOptions options{
      .ca_pem = config.ca_pem,
      .verify = config.insecure_skip_tls_verify ? Verify::Insecure : Verify::CertificateAndName,
      .alpn = {"http/1.1"},
      .certificate_pem = credential.certificate_pem,
      .private_key_pem = credential.private_key_pem};
  return net::TlsContext::client(options);
}

async::Task<Result<std::string>> read_body(http::BodySource& body, std::size_t limit) {
  std::string text;
  if (const auto length = body.length(); length && *length <= limit) {
    text.reserve(static_cast<std::size_t>(*length));
  }
  while (const auto data = CO_TRY(co_await http::next(body))) {
    if (text.size() + data->size() > limit) {
      co_return fail(ErrorCode::TooLarge, fmt::format("an answer of more than {} bytes", limit));
    }
    text += *data;
  }
  co_return text;
}

/// How long the server asks to wait; nothing if it does not.
std::optional<Duration> retry_after(const http::ClientResponse& response) {
  if (response.status != 429 && response.status < 500) {
    return std::nullopt;
  }
  if (const auto field = response.headers.find("Retry-After")) {
    if (const auto seconds = parse_int<std::uint32_t>(trim(*field))) {
      return std::chrono::seconds(*seconds);
    }
  }
  return response.status == 429 ? std::optional<Duration>(std::chrono::seconds(1)) : std::nullopt;
}

bool is_success(int status) { return status >= 200 && status < 300; }

bool is_writing(const ApiRequest& request) { return !request.content_type.empty(); }

/// Source: Kubernetes documentation, user impersonation.
void add_impersonation(const ClientConfig& config, http::Headers& headers) {
  if (config.impersonate_user.empty()) {
    return;
  }
  headers.add("Impersonate-User", config.impersonate_user);
  if (!config.impersonate_uid.empty()) {
    headers.add("Impersonate-Uid", config.impersonate_uid);
  }
  for (const std::string& group : config.impersonate_groups) {
    headers.add("Impersonate-Group", group);
  }
  for (const auto& [key, values] : config.impersonate_extra) {
    for (const std::string& value : values) {
      headers.add("Impersonate-Extra-" + percent_encode(key), value);
    }
  }
}

/// Why one address of a server could not be reached. What names the server by that very address is
/// not told it again.
std::string refusal(const ServerUrl& server, const net::SocketAddress& address,
                    std::string message) {
  const std::string shown = address.to_string();
  const bool is_told = net::parse_ip(server.host).has_value();
  const std::string to_it = " to " + shown;  // "connecting to 10.0.0.1:443: refused"
  if (const auto at = message.find(to_it); at != std::string::npos) {
    return is_told ? message.erase(at, to_it.size()) : message;
  }
  return is_told ? message : fmt::format("{}: {}", shown, message);
}

ObjectKey key_of(const json::Value& object) {
  ObjectKey key;
  if (const json::Value* metadata = object.find("metadata")) {
    const auto text = [metadata](std::string_view name) {
      const json::Value* value = metadata->find(name);
      return value != nullptr && value->is_string() ? value->as_string() : std::string();
    };
    key = {.namespace_name = text("namespace"), .name = text("name")};
  }
  return key;
}

}  // namespace

Client::Client(net::Network& network, net::Resolver& resolver, ClientConfig config,
               ServerUrl server, ClientOptions options,
               std::unique_ptr<CredentialSource> credentials)
    : network_(network),
      resolver_(resolver),
      config_(std::move(config)),
      server_(std::move(server)),
      options_(std::move(options)),
      credentials_(std::move(credentials)),
      authority_(server_.authority()),
      limiter_(network.loop(), options_.rate_limit),
      random_(random_seed()) {}

Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::create(net::Network& network, net::Resolver& resolver,
                                               const ClientConfig& config, ClientOptions options,
                                               std::unique_ptr<CredentialSource> credentials) {
  ServerUrl server = TRY(parse_server_url(config.server));
  if (credentials == nullptr) {
    if (config.exec || !config.token_file.empty()) {
      return fail(ErrorCode::InvalidArgument,
                  "the configuration has credentials that change: see make_credentials()");
    }
    credentials = std::make_unique<StaticCredentials>(config);
  }
  const http::ClientOptions http_options{.connect_timeout = options.connect_timeout,
                                         .idle_timeout = std::chrono::seconds(60)};
  std::unique_ptr<Client> client(new Client(network, resolver, config, std::move(server),
                                            std::move(options), std::move(credentials)));
  if (client->server_.secure) {
    const Credential configured{.certificate_pem = config.client_certificate_pem,
                                .private_key_pem = config.client_key_pem};
    client->tls_.emplace(
        network, TRY(with_context(make_tls(config, configured), config.server)),
        config.tls_server_name.empty() ? client->server_.host : config.tls_server_name);
    client->certificate_pem_ = config.client_certificate_pem;
  }
  client->http_ = std::make_unique<http::Client>(client->network(), http_options);
  return client;
}

net::Network& Client::network() noexcept {
  return tls_ ? static_cast<net::Network&>(*tls_) : network_;
}

Error Client::at_server(Error error) const {
  return std::move(error).with_context(
      fmt::format("{}://{}", server_.secure ? "https" : "http", authority_));
}

Result<> Client::use_certificate(const Credential& credential) {
  if (!tls_ || credential.certificate_pem == certificate_pem_) {
    return {};
  }
  tls_->set_context(TRY(with_context(make_tls(config_, credential), "credentials")));
  certificate_pem_ = credential.certificate_pem;
  http_->forget(last_good_);  // those connections are of somebody else
  return {};
}

async::Task<Result<http::Headers>> Client::headers_for(const ApiRequest& request) {
  const Credential credential = CO_TRY(co_await credentials_->current());
  CO_TRY(use_certificate(credential));
  http::Headers headers;
  headers.add("Host", authority_);
  headers.add("User-Agent", config_.user_agent);
  headers.add("Accept", request.accept);
  if (!request.content_type.empty()) {
    headers.add("Content-Type", request.content_type);
  }
  if (!credential.authorization.empty()) {
    headers.add("Authorization", credential.authorization);
  }
  add_impersonation(config_, headers);
  co_return headers;
}

async::Task<Result<std::vector<net::SocketAddress>>> Client::addresses() {
  auto found = co_await resolver_.resolve(server_.host);
  if (!found) {
    const ErrorCode code = found.error().code();
    // Names come and go with the cluster's DNS: as good as a server that does not answer.
    const bool gone = code == ErrorCode::NotFound;
    co_return fail(at_server(Error(gone ? ErrorCode::Unavailable : code, found.error().message())));
  }
  std::vector<net::SocketAddress> all;
  for (const net::IpAddress& ip : *found) {
    all.push_back({.ip = ip, .port = server_.port});
  }
  const auto good = std::ranges::find(all, last_good_);
  if (good != all.end()) {
    std::iter_swap(all.begin(), good);
  }
  co_return all;
}

async::Task<Result<http::ClientResponse>> Client::send_to_any(
    const http::OutgoingRequest& outgoing) {
  const auto all = CO_TRY(co_await addresses());
  const async::Context& context = *(co_await async::this_task()).context;
  std::optional<Error> refused;
  for (const net::SocketAddress& address : all) {
    ++stats_.requests;
    auto response = co_await http_->send(address, outgoing);
    if (response) {
      last_good_ = address;
      co_return *std::move(response);
    }
    ++stats_.failures;
    auto [error, stage] = std::move(response).error();
    if (context.cancelled()) {
      co_return fail(at_server(async::cancel_error(context.reason())));
    }
    if (stage != http::SendFailure::Stage::Connect) {
      co_return fail(at_server(std::move(error)));
    }
    refused.emplace(ErrorCode::Unavailable, refusal(server_, address, error.message()));
  }
  co_return fail(at_server(*std::move(refused)));
}

async::Task<Result<http::ClientResponse>> Client::send_once(const ApiRequest& request,
                                                            const http::Headers* more) {
  CO_TRY(co_await limiter_.acquire(request.flow));
  http::Headers headers = CO_TRY(co_await headers_for(request));
  if (more != nullptr) {
    for (const auto [name, value] : *more) {
      headers.add(name, value);
    }
  }
  const std::string target = server_.path + request.target;
  const std::array<std::string_view, 1> body{request.body};
  const http::OutgoingRequest outgoing{.method = request.method,
                                       .target = target,
                                       .headers = &headers,
                                       .body = is_writing(request)
                                                   ? std::span<const std::string_view>(body)
                                                   : std::span<const std::string_view>(),
                                       .has_body = is_writing(request),
                                       .upgrade = more != nullptr};
  co_return co_await send_to_any(outgoing);
}

async::Task<Result<>> Client::wait_before_retry(Duration wait) {
  // A tenth more at random, so that those who were sent away together do not come back together.
  const auto spread = static_cast<std::uint64_t>(wait.count() / 10 + 1'000'000);
  CO_TRY(co_await async::sleep_for(wait +
                                   Duration(static_cast<std::int64_t>(random_.uniform(spread)))));
  ++stats_.retries;
  co_return {};
}

async::Task<Result<http::ClientResponse>> Client::open(const ApiRequest& request) {
  bool renewed = false;
  for (unsigned retries = 0;; ++retries) {
    http::ClientResponse response;
    std::string body;
    {
      const async::DeadlineScope limit(co_await async::this_task(), options_.request_timeout);
      response = CO_TRY(co_await send_once(request));
      report_warnings(response.headers);
      if (is_success(response.status)) {
        co_return response;
      }
      body = CO_TRY(co_await read_body(*response.body, kMaxErrorBytes));
    }
    if (response.status == 401 && !renewed && credentials_->refused()) {
      renewed = true;
      continue;
    }
    const auto wait = retry_after(response);
    if (!wait || *wait > options_.max_retry_wait || retries >= options_.max_retries) {
      co_return fail(error_of_answer(response.status, body));
    }
    CO_TRY(co_await wait_before_retry(*wait));
  }
}

async::Task<Result<ApiResponse>> Client::execute(const ApiRequest& request) {
  const http::ClientResponse response = CO_TRY(co_await open(request));
  const async::DeadlineScope limit(co_await async::this_task(), options_.request_timeout);
  auto body = co_await read_body(*response.body, options_.max_answer_bytes);
  if (!body) {
    co_return fail(at_server(std::move(body).error()));
  }
  co_return ApiResponse{.status = response.status, .body = *std::move(body)};
}

async::Task<Result<std::unique_ptr<http::WebSocket>>> Client::open_websocket(
    const ApiRequest& request, std::string_view protocol) {
  const async::DeadlineScope limit(co_await async::this_task(), options_.request_timeout);
  const std::string key = http::websocket_key();
  http::Headers more;
  more.add("Upgrade", "websocket");
  more.add("Sec-WebSocket-Version", "13");
  more.add("Sec-WebSocket-Key", key);
  more.add("Sec-WebSocket-Protocol", protocol);
  http::ClientResponse response = CO_TRY(co_await send_once(request, &more));
  if (response.upgraded == nullptr) {
    const std::string body = CO_TRY(co_await read_body(*response.body, kMaxErrorBytes));
    co_return fail(is_success(response.status)
                       ? Error(ErrorCode::Unsupported, "the server does not speak WebSocket")
                       : error_of_answer(response.status, body));
  }
  if (response.headers.find("Sec-WebSocket-Accept") != http::websocket_accept(key)) {
    co_return fail(at_server(Error(ErrorCode::Malformed, "the WebSocket handshake is wrong")));
  }
  if (response.headers.find("Sec-WebSocket-Protocol") != protocol) {
    co_return fail(at_server(
        Error(ErrorCode::Unsupported, fmt::format("the server does not speak {}", protocol))));
  }
  co_return std::make_unique<http::WebSocket>(std::move(response.upgraded),
                                              http::WebSocketSide::Client, response.upgraded_bytes);
}

void Client::report_warnings(const http::Headers& headers) const {
  if (!options_.on_warning) {
    return;
  }
  for (const auto [name, value] : headers) {
    if (!equals_ignore_case(name, "Warning")) {
      continue;
    }
    // 299 - "text", with backslashes before quotes and backslashes. RFC 7234 section 5.5.
    const auto begin = value.find('"');
    const auto end = value.rfind('"');
    if (begin == std::string_view::npos || end <= begin) {
      continue;
    }
    std::string text;
    for (std::size_t i = begin + 1; i < end; ++i) {
      i += value[i] == '\\' && i + 1 < end ? 1 : 0;
      text += value[i];
    }
    options_.on_warning(text);
  }
}

Error Client::not_readable(const Error& error) {
  return {ErrorCode::Malformed, "the server's answer: " + error.message()};
}

Error Client::bad_item(std::string_view text, const Error& error) {
  const auto object = json::read_object<PartialObject>(text);
  const std::string name = object ? object->metadata.key().to_string() : "without a name";
  return {ErrorCode::Malformed, fmt::format("an item of the list, {}: {}", name, error.message())};
}

void Client::identify(const ResourceType& type, const ObjectKey& key, json::Value& fields) {
  fields.set("apiVersion", type.api_version);
  fields.set("kind", type.kind);
  json::Value* metadata = fields.find("metadata");
  if (metadata == nullptr) {
    metadata = &fields.set("metadata", json::Object());
  }
  if (metadata->is_object()) {
    metadata->set("name", key.name);
    if (!key.namespace_name.empty()) {
      metadata->set("namespace", key.namespace_name);
    }
  }
}

async::Task<Result<json::Value>> Client::execute_value(const ApiRequest& request) {
  const ApiResponse response = CO_TRY(co_await execute(request));
  const json::ParseOptions options{.max_bytes = options_.max_answer_bytes,
                                   .duplicate_keys = json::DuplicateKeys::LastWins};
  auto value = json::parse(response.body, options);
  if (!value) {
    co_return fail(not_readable(value.error()));
  }
  co_return value;
}

async::Task<Result<json::Value>> Client::get(const ResourceType& type, ObjectKey key,
                                             std::string_view subresource) {
  const ApiRequest request = CO_TRY(requests::get(type, key, subresource));
  co_return co_await execute_value(request);
}

async::Task<Result<json::Value>> Client::create(const ResourceType& type, const json::Value& object,
                                                WriteOptions options) {
  const ApiRequest request = CO_TRY(requests::create(
      type, key_of(object).namespace_name, json::print(object), with_manager(std::move(options))));
  co_return co_await execute_value(request);
}

async::Task<Result<json::Value>> Client::update(const ResourceType& type, const json::Value& object,
                                                WriteOptions options,
                                                std::string_view subresource) {
  const ApiRequest request = CO_TRY(requests::replace(
      type, key_of(object), json::print(object), with_manager(std::move(options)), subresource));
  co_return co_await execute_value(request);
}

async::Task<Result<json::Value>> Client::patch(const ResourceType& type, ObjectKey key,
                                               PatchType patch, const json::Value& body,
                                               PatchOptions options, std::string_view subresource) {
  const ApiRequest request = CO_TRY(requests::patch(type, key, patch, json::print(body),
                                                    with_manager(std::move(options)), subresource));
  co_return co_await execute_value(request);
}

async::Task<Result<json::Value>> Client::apply(const ResourceType& type, ObjectKey key,
                                               json::Value fields, PatchOptions options,
                                               std::string_view subresource) {
  identify(type, key, fields);
  co_return co_await patch(type, std::move(key), PatchType::Apply, fields, std::move(options),
                           subresource);
}

async::Task<Result<>> Client::remove(const ResourceType& type, ObjectKey key,
                                     DeleteOptions options) {
  const ApiRequest request = CO_TRY(requests::remove(type, key, options));
  CO_TRY(co_await execute(request));
  co_return {};
}

async::Task<Result<>> Client::remove_collection(const ResourceType& type, ListOptions options,
                                                DeleteOptions delete_options) {
  const ApiRequest request = CO_TRY(requests::remove_collection(type, options, delete_options));
  CO_TRY(co_await execute(request));
  co_return {};
}

async::Task<Result<json::Value>> Client::create_subresource(const ResourceType& type, ObjectKey key,
                                                            std::string_view subresource,
                                                            const json::Value& body,
                                                            WriteOptions options) {
  const ApiRequest request =
      CO_TRY(requests::create(type, key.namespace_name, json::print(body),
                              with_manager(std::move(options)), key.name, subresource));
  co_return co_await execute_value(request);
}

}  // namespace kthena::kube
