// One HTTP/1.1 connection of a server.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "async/io_source.h"
#include "http/memory.h"
#include "http/message.h"
#include "http/server.h"
#include "http/wire.h"
#include "net/stream.h"

namespace kthena::http {

class RequestBody;

/// Between requests it is idle: no coroutine, no buffer, a timer and this object. The first byte of
/// a request starts serve(), which answers requests until the connection is idle again or closed.
/// Ownership: idle ones belong to the server, busy ones to their own serve().
class ServerConnection final : public ListNode, private async::IoObserver, private async::Timer {
 public:
  ServerConnection(Server& server, std::unique_ptr<net::Stream> stream);
  ~ServerConnection();

  /// Waits for the first byte. The server owns the connection from here on.
  static void park(std::unique_ptr<ServerConnection> connection);

  bool idle() const noexcept { return idle_; }
  /// Something has arrived that it was not told of yet.
  bool has_news() const noexcept { return stream_->io().readable(); }

  /// Ends what runs, with the last words of its answer.
  void cut() noexcept;

 private:
  friend class RequestBody;
  enum class Next : std::uint8_t { Serve, Park, Close, Linger, Upgrade };

  static async::Task<void> serve(std::unique_ptr<ServerConnection> connection);
  async::Task<Next> serve_one();
  std::size_t take_upgrade(Response& response, bool unread);
  /// Hands the stream over; until its end.
  async::Task<void> run_upgrade();
  async::Task<Next> refuse(int status, std::string_view message);
  [[clang::coro_wrapper]] async::Task<bool> send(const Request& request, Response& response,
                                                 bool keep_alive, Sent& sent);
  async::Task<bool> send_text(std::string_view head, std::string_view text, Sent& sent);
  async::Task<bool> send_source(std::string_view head, BodySource& source, Framing::Kind framing,
                                Sent& sent);
  async::Task<bool> write_rest(Buffer rest);
  async::Task<void> linger();

  enum class Read : std::uint8_t { Head, Bad, TooLarge, Nothing, Partial, Closed };
  Read read_head(std::size_t& head_size);
  std::size_t first_read() const noexcept;
  /// Reads behind `bytes`, into `pending`.
  net::IoOutcome read_pending();
  /// Moves `bytes` out of the scratch, so that they live across a suspension.
  void keep_bytes();
  void consume(std::size_t bytes);
  std::unique_ptr<BodySource> make_body(const Framing& framing);

  enum class Write : std::uint8_t { Done, Rest, Failed };
  /// Writes what the kernel takes now; copies what it does not into `rest`.
  Write write_or_keep(std::span<const std::string_view> parts, Buffer& rest);
  void source_failed(const BodySource& source, Framing::Kind kind, Sent& sent);
  void write_last_words(std::string_view words, bool chunked);

  void on_io() noexcept override;
  void on_timer() noexcept override;

  /// What serve() needs beside the connection; lives in its frame, so that idle connections are
  /// small.
  struct Serving {
    async::Context* context;  ///< of serve()
    Buffer pending;           ///< received, not yet used: when it must outlive a suspension
    std::string_view bytes;   ///< the same bytes, or those still in the scratch
    std::size_t scanned = 0;  ///< of bytes, searched for the end of the head
    std::string_view unsent;  ///< of "100 Continue", goes out in front of what comes next
    const RequestBody* body = nullptr;           ///< of the request being served; lives in it
    bool body_left_unread = false;               ///< it is gone, and had not been read to its end
    std::unique_ptr<Upgrade> upgrade;            ///< what takes the connection over
    std::unique_ptr<ResponseObserver> observer;  ///< of the 101
  };

  Server& server_;
  std::unique_ptr<net::Stream> stream_;
  Serving* serving_ = nullptr;  ///< while serve() runs
  std::uint32_t requests_ = 0;
  bool idle_ = false;
  std::uint16_t last_body_kib_ = 0;  ///< of the last one that was received whole; a hint
};

}  // namespace kthena::http
