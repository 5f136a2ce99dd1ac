package dev.maestro.process;

import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.util.List;

/**
 * Whether arguments reach a program as they are.
 *
 * <p>Java makes bytes of them as the locale says, or on Java 17 as {@code file.encoding} does, and
 * puts a question mark where that has no bytes for a character: the program would be told something
 * else, and nobody would know.
 */
final class ArgumentText {

  /** The first release that does not ask {@code file.encoding} any more. */
  private static final int BY_LOCALE = 18;

  private ArgumentText() {}

  /** {@return as what Java makes bytes of the arguments of a program} */
  static Charset charset() {
    return Runtime.version().feature() < BY_LOCALE
        ? Charset.defaultCharset()
        : Charset.forName(System.getProperty("sun.jnu.encoding", Charset.defaultCharset().name()));
  }

  /** {@return whether each character of them has bytes there} */
  static boolean isKept(List<String> arguments, Charset charset) {
    CharsetEncoder encoder = charset.newEncoder();
    return arguments.stream().allMatch(encoder::canEncode);
  }
}
