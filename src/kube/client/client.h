// The client of one API server: typed objects, and any others as JSON.
//
//   auto client = TRY(kube::Client::create(network, resolver, config));
//   const Pod pod = CO_TRY(co_await client->get<Pod>(key));
//   auto watch = CO_TRY(co_await client->watch(Pod::kResource, {.resource_version = version}));
//   while (const auto event = CO_TRY(co_await watch.next())) { … }
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "http/client.h"
#include "http/websocket_connection.h"
#include "json/codec.h"
#include "json/print.h"
#include "json/read.h"
#include "json/value.h"
#include "kube/client/config.h"
#include "kube/client/credentials.h"
#include "kube/client/list_decoder.h"
#include "kube/client/rate_limiter.h"
#include "kube/client/request.h"
#include "kube/client/watch_decoder.h"
#include "kube/meta/list.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"
#include "net/dns.h"
#include "net/stream.h"
#include "net/tls_network.h"

namespace kthena::kube {

/// A struct of a kind.
template <class T>
concept Resource = requires(T object) {
  { T::kResource } -> std::convertible_to<const ResourceType&>;
  { object.metadata } -> std::convertible_to<const ObjectMeta&>;
  T::fields();
};

/// One that models all of its kind, so that what was read may be written back.
template <class T>
concept WholeResource = Resource<T> && !requires { requires T::kPartial; };

struct ClientOptions {
  RateLimit rate_limit;
  Duration connect_timeout = std::chrono::seconds(10);  ///< of one address, with the handshake
  /// From a request's first byte to the last of its answer; to the head only where that is a
  /// stream.
  Duration request_timeout = std::chrono::seconds(70);  // servers give up after 60
  /// How often a request is sent again after 429, or another answer that says when to come back.
  unsigned max_retries = 6;
  Duration max_retry_wait =
      std::chrono::seconds(60);             ///< a server that asks for more gets no retry
  std::size_t max_answer_bytes = 64 << 20;  ///< of an answer that is held whole
  std::size_t max_item_bytes = 16 << 20;    ///< of an item of a list, or an event
  /// Who writes, where the options of a call do not say: the name in managedFields.
  std::string field_manager = "kthena";
  /// Told each warning of the server (unknown fields, old versions of an API).
  std::function<void(std::string_view)> on_warning;
};

struct ApiResponse {
  int status = 0;
  std::string body;
};

template <class T>
struct Page {
  ListMeta metadata;
  std::vector<T> items;
};

/// A running watch. One shard; giving it up closes its connection.
class WatchStream {
 public:
  /// The next event; nullopt when the server has ended the watch in order (its time was up): watch
  /// again from the last version. The event's text is valid until the next call or the end of the
  /// stream.
  /// Errors: Expired (the version is gone: list again), Disconnected, Malformed, TooLarge,
  /// Cancelled, DeadlineExceeded, and what else a Status may say. After one, it is over.
  async::Task<Result<std::optional<WatchEvent>>> next();

 private:
  friend class Client;
  WatchStream(std::unique_ptr<http::BodySource> body, std::size_t max_event_bytes)
      : body_(std::move(body)), decoder_(max_event_bytes) {}
  std::unique_ptr<http::BodySource> body_;
  // What the decoder reads, for a body's view ends with a suspension. No string: its text would
  // move with it.
  std::vector<char> bytes_;
  WatchDecoder decoder_;
};

/// Lines of a container, as they come.
class LogStream {
 public:
  explicit LogStream(std::unique_ptr<http::BodySource> body) : body_(std::move(body)) {}
  /// Some bytes, valid until the next call; nullopt at the end. Errors: Disconnected, Cancelled,
  /// DeadlineExceeded.
  async::Task<Result<std::optional<std::string_view>>> next();

 private:
  std::unique_ptr<http::BodySource> body_;
  std::string bytes_;
};

/// All calls answer, beside what they say: what a Status means (kube/meta/status.h); Unavailable
/// with the server's address when nobody answers there; Unauthenticated when there are no
/// credentials; Disconnected when the connection broke within an exchange (a write may have been
/// done); Malformed; Cancelled; DeadlineExceeded.
///
/// Before an error reaches the caller: 429, and 5xx with Retry-After, are waited for and sent again
/// a few times; a 401 is sent again once if the credentials can be renewed.
///
/// One shard. Streams and tasks must have ended before it is destroyed.
class Client {
 public:
  /// Opens no connection. `network` and `resolver` outlive the client.
  /// @param credentials  see make_credentials(); null: those that stand in the configuration, if
  ///                     they do not change
  /// Errors: InvalidArgument (URL, certificates).
  static Result<std::unique_ptr<Client>> create(
      net::Network& network, net::Resolver& resolver, const ClientConfig& config,
      ClientOptions options = {}, std::unique_ptr<CredentialSource> credentials = nullptr);
  ~Client();

  // Typed objects.

  template <Resource T>
  async::Task<Result<T>> get(ObjectKey key) {
    const ApiRequest request = CO_TRY(requests::get(T::kResource, key));
    const ApiResponse response = CO_TRY(co_await execute(request));
    co_return read<T>(response);
  }

  /// One page. The next one: the same options with its continue token.
  template <Resource T>
  async::Task<Result<Page<T>>> list(ListOptions options) {
    Page<T> page;
    PageSink<T> sink(page.items);
    page.metadata = CO_TRY(co_await list_each(T::kResource, std::move(options), sink));
    co_return page;
  }

  /// All pages. Expired if that takes longer than the server keeps the version: begin again.
  template <Resource T>
  async::Task<Result<Page<T>>> list_all(ListOptions options, std::uint32_t page_size = 500) {
    Page<T> all;
    PageSink<T> sink(all.items);
    options.limit = page_size;
    do {
      all.metadata = CO_TRY(co_await list_each(T::kResource, options, sink));
      options.continue_token = all.metadata.continue_token;
    } while (!options.continue_token.empty());
    co_return all;
  }

  /// Errors: AlreadyExists.
  template <Resource T>
  async::Task<Result<T>> create(const T& object, WriteOptions options = {}) {
    const ApiRequest request = CO_TRY(requests::create(T::kResource, object.metadata.namespace_name,
                                                       json::print(json::encode(object)),
                                                       with_manager(std::move(options))));
    const ApiResponse response = CO_TRY(co_await execute(request));
    co_return read<T>(response);
  }

  /// Replaces the object. Errors: Conflict if it is not the version that `object` says.
  template <WholeResource T>
  async::Task<Result<T>> update(const T& object, WriteOptions options = {},
                                std::string_view subresource = {}) {
    const ApiRequest request = CO_TRY(
        requests::replace(T::kResource, object.metadata.key(), json::print(json::encode(object)),
                          with_manager(std::move(options)), subresource));
    const ApiResponse response = CO_TRY(co_await execute(request));
    co_return read<T>(response);
  }

  template <Resource T>
  async::Task<Result<T>> patch(ObjectKey key, PatchType type, const json::Value& body,
                               PatchOptions options = {}, std::string_view subresource = {}) {
    const ApiRequest request = CO_TRY(requests::patch(
        T::kResource, key, type, json::print(body), with_manager(std::move(options)), subresource));
    const ApiResponse response = CO_TRY(co_await execute(request));
    co_return read<T>(response);
  }

  /// Server-side apply: makes `fields` so, and them ours; creates the object if there is none.
  /// @param fields  what we own, without apiVersion, kind, name and namespace, which are added
  /// Errors: Conflict names the fields that others own.
  template <Resource T>
  async::Task<Result<T>> apply(ObjectKey key, json::Value fields, PatchOptions options = {},
                               std::string_view subresource = {}) {
    identify(T::kResource, key, fields);
    co_return co_await patch<T>(std::move(key), PatchType::Apply, fields, std::move(options),
                                subresource);
  }

  /// The same for the status alone. @param status  what stands under `status`
  template <Resource T>
  async::Task<Result<T>> apply_status(ObjectKey key, json::Value status,
                                      PatchOptions options = {}) {
    json::Value fields;
    fields.set("status", std::move(status));
    co_return co_await apply<T>(std::move(key), std::move(fields), std::move(options), "status");
  }

  /// Deletes it, or begins to: finalizers and grace periods take their time. Errors: NotFound;
  /// Conflict (preconditions).
  template <Resource T>
  async::Task<Result<>> remove(ObjectKey key, DeleteOptions options = {}) {
    co_return co_await remove(T::kResource, std::move(key), std::move(options));
  }

  // The same of any kind, as JSON; see also DynamicResource. The type's texts must outlive the
  // call.

  async::Task<Result<json::Value>> get(const ResourceType& type, ObjectKey key,
                                       std::string_view subresource = {});
  async::Task<Result<json::Value>> create(const ResourceType& type, const json::Value& object,
                                          WriteOptions options = {});
  async::Task<Result<json::Value>> update(const ResourceType& type, const json::Value& object,
                                          WriteOptions options = {},
                                          std::string_view subresource = {});
  async::Task<Result<json::Value>> patch(const ResourceType& type, ObjectKey key, PatchType patch,
                                         const json::Value& body, PatchOptions options = {},
                                         std::string_view subresource = {});
  async::Task<Result<json::Value>> apply(const ResourceType& type, ObjectKey key,
                                         json::Value fields, PatchOptions options = {},
                                         std::string_view subresource = {});
  async::Task<Result<>> remove(const ResourceType& type, ObjectKey key, DeleteOptions options = {});
  /// Deletes what the options select.
  async::Task<Result<>> remove_collection(const ResourceType& type, ListOptions options,
                                          DeleteOptions delete_options = {});
  /// A new subresource: an eviction, a binding, a token.
  async::Task<Result<json::Value>> create_subresource(const ResourceType& type, ObjectKey key,
                                                      std::string_view subresource,
                                                      const json::Value& body,
                                                      WriteOptions options = {});

  // Streams.

  /// Hands each item of a page to `sink` as it arrives.
  async::Task<Result<ListMeta>> list_each(const ResourceType& type, ListOptions options,
                                          ItemSink& sink);
  /// Errors: Expired (the version is gone: list again).
  async::Task<Result<WatchStream>> watch(const ResourceType& type, WatchOptions options);
  async::Task<Result<LogStream>> logs(ObjectKey pod, LogOptions options);

  // What all of these are made of.

  /// Sends, waits for the whole answer.
  async::Task<Result<ApiResponse>> execute(const ApiRequest& request);
  /// Sends, waits for the head of an answer that is no error.
  async::Task<Result<http::ClientResponse>> open(const ApiRequest& request);

  /// Opens a WebSocket that speaks `protocol`. Errors: Unsupported if the server does not.
  async::Task<Result<std::unique_ptr<http::WebSocket>>> open_websocket(const ApiRequest& request,
                                                                       std::string_view protocol);

  /// The fields that a request of ours has beside those of its body.
  async::Task<Result<http::Headers>> headers_for(const ApiRequest& request);
  /// Addresses of the server, the one that answered last first.
  async::Task<Result<std::vector<net::SocketAddress>>> addresses();
  /// Where connections come from: TLS, if the server wants it.
  net::Network& network() noexcept;
  async::Loop& loop() noexcept { return network_.loop(); }
  RateLimiter& rate_limiter() noexcept { return limiter_; }
  const ServerUrl& server() const noexcept { return server_; }
  const ClientConfig& config() const noexcept { return config_; }

  struct Stats {
    std::uint64_t requests = 0;  ///< sent, retries included
    std::uint64_t retries = 0;
    std::uint64_t failures = 0;  ///< without an answer
  };
  const Stats& stats() const noexcept { return stats_; }

 private:
  template <class T>
  class PageSink final : public ItemSink {
   public:
    explicit PageSink(std::vector<T>& items) : items_(items) {}
    Result<> on_item(std::string_view text) override {
      auto object = json::read_object<T>(text);
      if (!object) {
        return fail(bad_item(text, object.error()));
      }
      items_.push_back(*std::move(object));
      return {};
    }

   private:
    std::vector<T>& items_;
  };

  Client(net::Network& network, net::Resolver& resolver, ClientConfig config, ServerUrl server,
         ClientOptions options, std::unique_ptr<CredentialSource> credentials);

  template <class T>
  static Result<T> read(const ApiResponse& response) {
    auto object = json::read_object<T>(response.body);
    if (!object) {
      return fail(not_readable(object.error()));
    }
    return object;
  }
  static Error not_readable(const Error& error);
  static Error bad_item(std::string_view text, const Error& error);
  template <class Options>
  Options with_manager(Options options) const {
    if (options.field_manager.empty()) {
      options.field_manager = options_.field_manager;
    }
    return options;
  }
  static void identify(const ResourceType& type, const ObjectKey& key, json::Value& fields);

  struct Attempt;
  async::Task<Result<json::Value>> execute_value(const ApiRequest& request);
  /// One request and the head of its answer, whatever its status.
  async::Task<Result<http::ClientResponse>> send_once(const ApiRequest& request,
                                                      const http::Headers* more = nullptr);
  async::Task<Result<http::ClientResponse>> send_to_any(const http::OutgoingRequest& outgoing);
  async::Task<Result<>> wait_before_retry(Duration wait);
  Result<> use_certificate(const Credential& credential);
  Error at_server(Error error) const;
  void report_warnings(const http::Headers& headers) const;

  net::Network& network_;
  net::Resolver& resolver_;
  ClientConfig config_;
  ServerUrl server_;
  ClientOptions options_;
  std::unique_ptr<CredentialSource> credentials_;
  std::string authority_;
  std::string certificate_pem_;  // the one in tls_
  std::optional<net::TlsNetwork> tls_;
  std::unique_ptr<http::Client> http_;
  RateLimiter limiter_;
  Random random_;
  net::SocketAddress last_good_;
  Stats stats_;
};

}  // namespace kthena::kube
