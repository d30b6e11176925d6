// Posts a text with `fetch`: the fixture for skills that use the web's own interfaces.
export const tools = {
  async send(binding, text) {
    try {
      const response = await fetch(`https://${binding}/fixture`, { method: "POST", body: text });
      return `${response.status} ${await response.text()}`;
    } catch (error) {
      const payload = { code: "denied", message: "The call failed.", retryAfterMs: undefined, details: [] };
      throw Object.assign(error, { payload });
    }
  },
};
