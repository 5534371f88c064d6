import { describe, expect, it } from "vitest";
import { remedyCommands } from "../../engine/catalogue/remedy-commands.ts";

const registry = (type: string, data: string, key = "HKLM\\SOFTWARE\\Contoso", value = "Name") =>
  remedyCommands({ kind: "registry", text: "", key, value, type, data });
const regFile = (type: string, data: string) => registry(type, data)[1]?.text.split("\n")[3];

describe("a registry value", () => {
  it("is set by a command, written to a file and asked for", () => {
    expect(registry("REG_DWORD", "1", "HKLM\\SYSTEM\\Some Key\\{interface}", "TcpAckFrequency").map(({ text }) => text)).toEqual([
      'reg add "HKLM\\SYSTEM\\Some Key\\{interface}" /v TcpAckFrequency /t REG_DWORD /d 1 /f',
      'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\Some Key\\{interface}]\n"TcpAckFrequency"=dword:00000001\n',
      'reg query "HKLM\\SYSTEM\\Some Key\\{interface}" /v TcpAckFrequency',
    ]);
  });

  // As regedit of Windows exports them, Microsoft KB 310516.
  it.each([
    ["REG_DWORD", "65534", '"Name"=dword:0000fffe'],
    ["REG_DWORD", "0xFFFFFFFF", '"Name"=dword:ffffffff'],
    ["REG_QWORD", "4294967297", '"Name"=hex(b):01,00,00,00,01,00,00,00'],
    ["REG_SZ", 'C:\\a "b"', '"Name"="C:\\\\a \\"b\\""'],
    ["REG_EXPAND_SZ", "%a", '"Name"=hex(2):25,00,61,00,00,00'],
    ["REG_MULTI_SZ", "a\\0b", '"Name"=hex(7):61,00,00,00,62,00,00,00,00,00'],
    ["REG_BINARY", "0AFF", '"Name"=hex:0a,ff'],
  ])("%s %s is written as a file has it", (type, data, line) => expect(regFile(type, data)).toBe(line));

  it.each([
    ["REG_DWORD", "-1"],
    ["REG_DWORD", "4294967296"],
    ["REG_DWORD", "1460 or less"],
    ["REG_BINARY", "abc"],
    ["REG_NONE", "x"],
  ])("%s %s is no value of its type, so nothing can be copied", (type, data) => expect(registry(type, data)).toEqual([]));

  it("keeps quotes and backslashes together on a command line", () => {
    const [command] = registry("REG_SZ", 'say "hi" \\', "HKLM\\Some Key\\");
    expect(command!.text).toBe('reg add "HKLM\\Some Key\\\\" /v Name /t REG_SZ /d "say \\"hi\\" \\\\" /f');
  });
});

describe("a port to open", () => {
  it("is opened at this end for what comes in, at the other for what goes out", () => {
    const [netsh, powershell] = remedyCommands({
      kind: "firewall",
      text: "",
      protocol: "tcp",
      ports: ["443", "50000-59999"],
      direction: "both",
    });
    expect(netsh!.text.split("\n")).toEqual([
      'netsh advfirewall firewall add rule name="TCP 443,50000-59999 inbound" dir=in action=allow protocol=TCP localport=443,50000-59999',
      'netsh advfirewall firewall add rule name="TCP 443,50000-59999 outbound" dir=out action=allow protocol=TCP remoteport=443,50000-59999',
    ]);
    expect(powershell!.text.split("\n")[1]).toBe(
      "New-NetFirewallRule -DisplayName 'TCP 443,50000-59999 outbound' -Direction Outbound -Action Allow -Protocol TCP -RemotePort 443,50000-59999",
    );
  });
});

it("has no command for what a person has to do", () => expect(remedyCommands({ kind: "contact", text: "Ask" })).toEqual([]));
