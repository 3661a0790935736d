package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/crypto/pbkdf2"
)

const accessCookie = "access"

var key = []byte("not a secret: what is signed here lasts as long as a trial")

// isPassword checks a password against one stored as Django writes it:
// pbkdf2_sha256$ROUNDS$SALT$BASE64.
func isPassword(password, stored string) bool {
	parts := strings.Split(stored, "$")
	if len(parts) != 4 {
		return false
	}
	rounds, err := strconv.Atoi(parts[1])
	if err != nil {
		return false
	}
	expected, err := base64.StdEncoding.DecodeString(parts[3])
	if err != nil {
		return false
	}
	derived := pbkdf2.Key([]byte(password), []byte(parts[2]), rounds, sha256.Size, sha256.New)
	return subtle.ConstantTimeCompare(derived, expected) == 1
}

func tokenFor(userName string) string {
	signature := hmac.New(sha256.New, key)
	signature.Write([]byte(userName))
	return userName + "." + hex.EncodeToString(signature.Sum(nil))
}

// hasLoggedIn looks for a token that was signed here in the header Authorization, or else the cookie.
func hasLoggedIn(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		cookie, err := r.Cookie(accessCookie)
		if err != nil {
			return false
		}
		token = cookie.Value
	}
	dot := strings.LastIndexByte(token, '.')
	return dot >= 0 && hmac.Equal([]byte(token), []byte(tokenFor(token[:dot])))
}
