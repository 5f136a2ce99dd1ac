package dev.maestro.providers;

import dev.maestro.agent.Capabilities;
import dev.maestro.agent.Capability;
import dev.maestro.agent.ProviderId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What is the same for every instance of a CLI agent.
 *
 * @param id what it is called
 * @param programs names of its program; the first that is on the PATH is taken
 * @param capabilities what it can do
 * @param inherited the host's variables that it needs beside the usual ones; a {@code *} at the end
 *     stands for any rest. What they hold is masked in failures
 * @param keys variables any of which signs it in
 * @param credentials files below the home directory any of which shows that somebody signed in
 * @param install how to install it, as a sentence
 * @param signIn how to sign in, as a sentence
 */
public record Profile(
    ProviderId id,
    List<String> programs,
    Capabilities capabilities,
    Set<String> inherited,
    List<String> keys,
    List<String> credentials,
    String install,
    String signIn) {

  /** The host's variables by which any agent may find its way through a company's network. */
  public static final Set<String> NETWORK =
      Set.of(
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "NO_PROXY",
          "http_proxy",
          "https_proxy",
          "no_proxy",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR",
          "NODE_EXTRA_CA_CERTS");

  /** Check that nothing required is missing, and copy what could change. */
  public Profile {
    Objects.requireNonNull(id, "id");
    programs = List.copyOf(programs);
    Objects.requireNonNull(capabilities, "capabilities");
    inherited = Set.copyOf(inherited);
    keys = List.copyOf(keys);
    credentials = List.copyOf(credentials);
    Objects.requireNonNull(install, "install");
    Objects.requireNonNull(signIn, "signIn");
    if (programs.isEmpty()) {
      throw new IllegalArgumentException("an agent is a program");
    }
  }

  /** {@return the profile of an agent with these names for its program, which can do nothing} */
  public static Profile of(String id, String... programs) {
    return new Profile(
        ProviderId.of(id),
        List.of(programs),
        Capabilities.of(),
        NETWORK,
        List.of(),
        List.of(),
        "install `" + programs[0] + "` and put it on the PATH",
        "");
  }

  /** {@return the same, with exactly these abilities} */
  public Profile can(Capability... abilities) {
    return new Profile(
        id, programs, Capabilities.of(abilities), inherited, keys, credentials, install, signIn);
  }

  /** {@return the same, seeing these variables of the host too} */
  public Profile inherits(String... names) {
    Set<String> all = new LinkedHashSet<>(inherited);
    all.addAll(List.of(names));
    return new Profile(id, programs, capabilities, all, keys, credentials, install, signIn);
  }

  /** {@return the same, signed in by any of these variables, which it then sees} */
  public Profile keys(String... names) {
    List<String> all = new ArrayList<>(keys);
    all.addAll(List.of(names));
    Profile seeing = inherits(names);
    return new Profile(
        id, programs, capabilities, seeing.inherited, all, credentials, install, signIn);
  }

  /** {@return the same, signed in where any of these files is below the home directory} */
  public Profile credentials(String... files) {
    return new Profile(
        id, programs, capabilities, inherited, keys, List.of(files), install, signIn);
  }

  /** {@return the same, with these sentences on how to install it and how to sign in} */
  public Profile help(String toInstall, String toSignIn) {
    return new Profile(
        id, programs, capabilities, inherited, keys, credentials, toInstall, toSignIn);
  }
}
