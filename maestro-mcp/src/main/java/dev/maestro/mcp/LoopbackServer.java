package dev.maestro.mcp;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import dev.maestro.hosted.Host;
import dev.maestro.hosted.Hosted;
import dev.maestro.process.Registration;
import dev.maestro.process.Time;
import dev.maestro.task.Actor;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpStatelessServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.server.McpStatelessSyncServer;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Serves any number of hosts on this machine over HTTP, each known by its token.
 *
 * <p>Listens on the loopback address only. Whoever asks needs the token of a host ({@code
 * Authorization: Bearer …}), and a page in a browser is turned away, by its {@code Origin} and by
 * the {@code Host} it thinks it speaks to, unless its origin is allowed. A request has at most
 * {@link #LARGEST_REQUEST} bytes, and so long to say what it asks and to take the answer; so many
 * are answered at once, and a few more wait.
 */
public final class LoopbackServer implements AutoCloseable {

  /** The path under which it is served. */
  public static final String PATH = "/mcp";

  /** The most bytes of one request, which leaves room for the longest output. */
  public static final int LARGEST_REQUEST = 16 * 1024 * 1024;

  /**
   * How long somebody has, unless the builder says otherwise, to say what it asks, and then again
   * to take the answer. How long the answer takes does not count.
   */
  public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(10);

  static final int AT_ONCE = 32;

  private static final int WAITING = 256;

  private final HttpServer http;
  // of this server's own, or nothing to close
  private final Registration clock;
  private final ThreadPoolExecutor threads;
  private final McpStatelessSyncServer server;

  private LoopbackServer(Builder builder) {
    http = listen(builder.port);
    threads = threads();
    Time time = builder.time == null ? Time.system() : builder.time;
    clock = builder.time == null ? time::close : () -> {};
    Punctual punctual = new Punctual(threads, time, builder.limit);
    JacksonMcpJsonMapper mapper = new JacksonMcpJsonMapper(new JsonMapper());
    HttpTransport transport =
        new HttpTransport(mapper, new Entrance(builder.hosts, builder.origins), punctual);
    server =
        McpServer.sync(transport)
            .jsonMapper(mapper)
            .serverInfo(StdioServer.NAME, StdioServer.VERSION)
            .instructions(Toolbox.INSTRUCTIONS)
            .capabilities(ServerCapabilities.builder().tools(false).build())
            .tools(tools(builder.hosted))
            .immediateExecution(true)
            .build();
    http.setExecutor(punctual);
    http.createContext("/", transport);
    http.start();
  }

  private static HttpServer listen(int port) {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + port + " of this machine", e);
    }
  }

  private static ThreadPoolExecutor threads() {
    AtomicInteger count = new AtomicInteger();
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            AT_ONCE,
            AT_ONCE,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            work -> {
              Thread thread = new Thread(work, "maestro-mcp-" + count.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  private static List<SyncToolSpecification> tools(Hosted hosted) {
    return Toolbox.of(hosted).entries().stream()
        .map(
            entry ->
                new SyncToolSpecification(
                    entry.tool(), (context, request) -> entry.call(host(hosted, context), request)))
        .toList();
  }

  private static Host host(Hosted hosted, McpTransportContext context) {
    return hosted.host((Actor) context.get(HttpTransport.ACTOR));
  }

  /** {@return a builder of a server of what hosts may do there} */
  public static Builder of(Hosted hosted) {
    return new Builder(Objects.requireNonNull(hosted, "hosted"));
  }

  /** {@return where it is served} */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort() + PATH);
  }

  /** Answer nothing more; what is being answered has a second to end. */
  @Override
  public void close() {
    server.close();
    http.stop(0);
    threads.shutdownNow();
    try {
      threads.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      clock.close();
    }
  }

  /**
   * Composes a {@link LoopbackServer}. By default it takes any free port, allows no origin, and
   * gives whoever asks {@link #DEFAULT_LIMIT} by the clock of this machine.
   */
  public static final class Builder {

    /** How many characters a token has at least. */
    public static final int SHORTEST_TOKEN = 16;

    private final Hosted hosted;
    private final Map<String, Actor> hosts = new LinkedHashMap<>();
    private final Set<String> origins = new LinkedHashSet<>();
    private int port;
    private Duration limit = DEFAULT_LIMIT;
    private @Nullable Time time;

    private Builder(Hosted hosted) {
      this.hosted = hosted;
    }

    /**
     * Serve this host, who shows this token.
     *
     * @throws IllegalArgumentException when the token is shorter than {@value #SHORTEST_TOKEN}
     *     characters, or another host's
     */
    public Builder host(Actor actor, String token) {
      if (token.length() < SHORTEST_TOKEN) {
        throw new IllegalArgumentException(
            "a token has at least " + SHORTEST_TOKEN + " characters");
      }
      if (hosts.putIfAbsent(token, actor) != null) {
        throw new IllegalArgumentException("two hosts have the same token");
      }
      return this;
    }

    /** Serve pages of this origin, such as {@code http://localhost:6274}. */
    public Builder origin(String allowed) {
      origins.add(Objects.requireNonNull(allowed, "allowed"));
      return this;
    }

    /** Listen on this port; on any free one unless set. */
    public Builder port(int number) {
      port = number;
      return this;
    }

    /**
     * Drop a connection that takes longer than this to say what it asks, or to take the answer;
     * {@link LoopbackServer#DEFAULT_LIMIT} unless set.
     *
     * @throws IllegalArgumentException when it is not positive
     */
    public Builder limit(Duration longest) {
      if (longest.isNegative() || longest.isZero()) {
        throw new IllegalArgumentException("nobody can ask in " + longest);
      }
      limit = longest;
      return this;
    }

    /** Reckon limits by this clock, which stays the caller's; by the machine's unless set. */
    public Builder time(Time clock) {
      time = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Begin to serve.
     *
     * @throws IllegalStateException when there is no host to serve
     * @throws UncheckedIOException when the port is taken
     */
    public LoopbackServer start() {
      if (hosts.isEmpty()) {
        throw new IllegalStateException("name the hosts to be served, and their tokens");
      }
      return new LoopbackServer(this);
    }
  }
}
