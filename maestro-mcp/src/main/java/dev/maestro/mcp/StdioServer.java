package dev.maestro.mcp;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.maestro.hosted.Host;
import dev.maestro.hosted.Hosted;
import dev.maestro.task.Actor;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.server.transport.StdioServerTransportProvider;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

/**
 * Serves one host over a pair of streams, as its child process does over stdin and stdout.
 *
 * <p>A line that is no message is answered with an error, and what comes after it is served.
 *
 * <p>Nothing but the protocol may be written to the output stream: a program that uses its standard
 * output for this has to turn {@code System.out} to somewhere else first.
 */
public final class StdioServer implements AutoCloseable {

  static final String NAME = "maestro";
  static final String VERSION = "0.1.0";

  /** The most characters of one message, which leaves room for the longest output. */
  static final int LONGEST_MESSAGE = 16 * 1024 * 1024;

  private final CountDownLatch end = new CountDownLatch(1);
  private final McpSyncServer server;

  private StdioServer(Hosted hosted, Actor actor, InputStream in, OutputStream out) {
    JacksonMcpJsonMapper mapper = new JacksonMcpJsonMapper(new JsonMapper());
    StdioServerTransportProvider transport =
        new StdioServerTransportProvider(
            mapper, new Incoming(in, out, mapper, end::countDown), out, LONGEST_MESSAGE);
    server =
        McpServer.sync(transport)
            .jsonMapper(mapper)
            .serverInfo(NAME, VERSION)
            .instructions(Toolbox.INSTRUCTIONS)
            .capabilities(ServerCapabilities.builder().tools(false).build())
            .tools(tools(hosted, hosted.host(actor)))
            .build();
  }

  /** Begin to serve a host of this name. */
  public static StdioServer serve(Hosted hosted, Actor actor, InputStream in, OutputStream out) {
    return new StdioServer(
        Objects.requireNonNull(hosted, "hosted"),
        Objects.requireNonNull(actor, "actor"),
        Objects.requireNonNull(in, "in"),
        Objects.requireNonNull(out, "out"));
  }

  private static List<SyncToolSpecification> tools(Hosted hosted, Host host) {
    return Toolbox.of(hosted).entries().stream()
        .map(
            entry ->
                new SyncToolSpecification(
                    entry.tool(), (exchange, request) -> entry.call(host, request)))
        .toList();
  }

  /** Wait until the host has closed its end. */
  public void awaitEnd() throws InterruptedException {
    end.await();
  }

  @Override
  public void close() {
    server.close();
  }
}
