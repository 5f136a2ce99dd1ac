package dev.maestro.mcp;

import com.sun.net.httpserver.Headers;
import dev.maestro.task.Actor;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who is let in: a host with its token, and no page of a browser that is not allowed. */
final class Entrance {

  private static final Set<String> THIS_MACHINE = Set.of("127.0.0.1", "localhost", "[::1]");
  private static final String BEARER = "Bearer ";

  private final Map<String, Actor> hosts;
  private final Set<String> origins;

  Entrance(Map<String, Actor> hosts, Set<String> origins) {
    this.hosts = Map.copyOf(hosts);
    this.origins = Set.copyOf(origins);
  }

  /** {@return whether a page may ask, or it is none: pages name their origin, programs do not} */
  boolean admitsOrigin(Headers headers) {
    String origin = headers.getFirst("Origin");
    return isOfThisMachine(headers.getFirst("Host"))
        && (origin == null || origins.contains(origin));
  }

  /** A name that a page has made its own to reach this machine is not one of these. */
  private static boolean isOfThisMachine(@Nullable String host) {
    if (host == null) {
      return false;
    }
    try {
      return THIS_MACHINE.contains(String.valueOf(new URI("http://" + host).getHost()));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** {@return whose token it is, or null; takes as long for a wrong one that begins right} */
  @Nullable Actor whoseToken(Headers headers) {
    String shown = headers.getFirst("Authorization");
    if (shown == null || !shown.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return null;
    }
    byte[] token = bytes(shown.substring(BEARER.length()).strip());
    Actor found = null;
    for (Map.Entry<String, Actor> host : hosts.entrySet()) {
      if (MessageDigest.isEqual(bytes(host.getKey()), token)) {
        found = host.getValue();
      }
    }
    return found;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
